import { Random } from "tensorgrad";
import type { GPT } from "tensorgrad/nn";
import { KVCache } from "tensorgrad/nn";
import type { Tokenizer } from "tensorgrad/text";

/** Every text begins after an empty line, as a speech does. */
const PROMPT = "\n";

/** What a model writes of itself: so many characters for each seed. */
export function sampleTexts(
  model: GPT,
  tokenizer: Tokenizer,
  {
    seeds,
    length,
    temperature,
  }: { readonly seeds: readonly number[]; readonly length: number; readonly temperature: number },
): string[] {
  const cache = KVCache.for(model);
  return seeds.map((seed) => {
    const options = { tokenizer, temperature, maxLength: length, random: new Random(seed), cache };
    return model.generate(PROMPT, options).slice(PROMPT.length);
  });
}

/** What makes a text look like the one that it was learned from. */
export interface Coherence {
  /** The share of words that the training text has. */
  readonly wordsKnown: number;
  readonly words: number;
  /** Lines `NAME:` that name somebody of the training text, of all lines that end in a colon and stand after an empty one. */
  readonly speakersKnown: number;
  readonly speakers: number;
  /** The longest piece that stands in the training text, in characters. */
  readonly longestCopy: number;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z]+(?:'[a-z]+)*/g) ?? [];
const speakersOf = (text: string): string[] =>
  [...text.matchAll(/(?<=^|\n\n)([^\n]+):(?=\n)/g)].map(([, name]) => name);

/** Of texts against the training text. The word at the end of each may be cut off, so it does not count. */
export function coherence(texts: readonly string[], train: string): Coherence {
  const [vocabulary, names] = [new Set(wordsOf(train)), new Set(speakersOf(train))];
  const words = texts.flatMap((text) => wordsOf(text).slice(0, -1));
  const speakers = texts.flatMap(speakersOf);
  return {
    wordsKnown: words.filter((word) => vocabulary.has(word)).length / words.length,
    words: words.length,
    speakersKnown: speakers.filter((name) => names.has(name)).length,
    speakers: speakers.length,
    longestCopy: Math.max(...texts.map((text) => longestCopy(text, train))),
  };
}

/** The length of the longest piece of a text that stands in another. */
export function longestCopy(text: string, source: string): number {
  let longest = 0;
  for (let i = 0; i < text.length; i++) {
    while (i + longest < text.length && source.includes(text.slice(i, i + longest + 1))) longest++;
  }
  return longest;
}

/** Pieces of real text, as long as the samples and as many: what they are held against. */
export function piecesOf(text: string, count: number, length: number): string[] {
  const apart = Math.floor((text.length - length) / count);
  return Array.from({ length: count }, (_, i) => text.slice(i * apart, i * apart + length));
}
