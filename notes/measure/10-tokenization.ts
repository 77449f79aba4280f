import { Random } from "tensorgrad";
import { TinyShakespeare } from "tensorgrad/data/node";
import { median } from "tensorgrad/runtime";
import { BPETokenizer, CharTokenizer, type Tokenizer, words } from "tensorgrad/text";
import { surprises, WittenBell } from "../../examples/lib/ngrams.ts";
import { exponent, milliseconds, report } from "../lib/measure.ts";

/** Note 10: what a larger vocabulary buys, characters, words and pieces of words compared, and what encoding costs. */
const text = await TinyShakespeare.load();
const [train, validation] = text.split();
const characters = new CharTokenizer(text.text);
const SIZES = [256, 512, 1024, 2048, 4096, 8192];
const LINE = "To be, or not to be: that is the question.";

/** Milliseconds of one call: the quickest of `rounds`, because other programs only ever add time. */
const quickest = (run: () => void, rounds: number): number =>
  Math.min(...Array.from({ length: rounds }, () => milliseconds(run, { rounds: 1, warmUp: 0 })));
const seconds = (run: () => void): number => quickest(run, 8) / 1000;
const bytesOf = (all: string): number => new TextEncoder().encode(all).length;
const megabytesPerSecond = (all: string, ms: number): number => bytesOf(all) / 1000 / ms;

/** Tokens of the validation text, and how well the last token alone foretells the next, in nats per character. */
function scored(tokenizer: Tokenizer) {
  const [seen, unseen] = [tokenizer.encode(train.text), tokenizer.encode(validation.text)];
  const model = new WittenBell(seen, tokenizer.vocabSize);
  const scores = surprises(model, Int32Array.of(...seen.subarray(-1), ...unseen), 1);
  const used = new Set(seen).size;
  return {
    vocabSize: tokenizer.vocabSize,
    used,
    tokens: unseen.length,
    charactersPerToken: validation.length / unseen.length,
    natsPerCharacter: scores.reduce((sum, nats) => sum + nats, 0) / validation.length,
    occurrences: seen.length / used,
  };
}

const trained = new Map(SIZES.map((vocabSize) => [vocabSize, BPETokenizer.train(train.text, { vocabSize })]));
const subwords = [...trained.values()];

/** By vocabulary size: lengths, scores, and how one line is cut. */
function sizes() {
  const points = subwords.map((tokenizer) => ({
    ...scored(tokenizer),
    line: Array.from(tokenizer.encode(LINE), (id) => tokenizer.decode([id])),
  }));
  const gains = points.slice(1).map((point, i) => point.charactersPerToken - points[i].charactersPerToken);
  return { line: LINE, inTraining: train.text.includes(LINE), points, perDoubling: median(gains) };
}

/** Whole words as tokens: how many there are, and how many of the validation text's were never seen. */
function wholeWords() {
  const [seen, unseen] = [new Set(words(train.text)), [...words(validation.text)]];
  const unknown = unseen.filter((word) => !seen.has(word));
  return {
    vocabSize: seen.size,
    tokens: unseen.length,
    charactersPerToken: validation.length / unseen.length,
    unknown: unknown.length / unseen.length,
    unknownWords: [...new Set(unknown)].slice(0, 5),
  };
}

/** Merges learned by counting all pairs anew before each: seconds per merge. */
function recounting(merges: number): number {
  const counts = new Map<string, number>();
  for (const word of words(train.text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  let rows = Array.from(counts, ([word, count]) => ({ count, tokens: [...word] }));
  return (
    seconds(() => {
      for (let merge = 0; merge < merges; merge++) {
        const pairs = new Map<string, number>();
        for (const { count, tokens } of rows) {
          for (let i = 1; i < tokens.length; i++) {
            const pair = tokens[i - 1] + tokens[i];
            pairs.set(pair, (pairs.get(pair) ?? 0) + count);
          }
        }
        const [best] = [...pairs].reduce((a, b) => (b[1] > a[1] ? b : a));
        rows = rows.map(({ count, tokens }) => ({ count, tokens: joined(tokens, best) }));
      }
    }) / merges
  );
}

function joined(tokens: readonly string[], pair: string): string[] {
  const next: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    next.push(tokens[i] + (tokens[i + 1] ?? "") === pair && i + 1 < tokens.length ? pair : tokens[i]);
    if (next[next.length - 1] === pair) i++;
  }
  return next;
}

/** Seconds to learn merges: by number, by length of the text, and in comparison with counting anew. */
function training() {
  const run = (merges: number, share = 1): number => {
    const part = train.text.slice(0, train.length * share);
    return seconds(() => BPETokenizer.train(part, { vocabSize: 256 + merges }));
  };
  run(1000); // warms up the compiler
  const byMerges = [0, 250, 1000, 4000].map((merges) => ({ merges, seconds: run(merges) }));
  const byLength = [1 / 8, 1 / 4, 1 / 2, 1].map((share) => ({ share, seconds: run(1000, share) }));
  const recount = recounting(20);
  return {
    byMerges,
    thousand: byMerges[2].seconds,
    merging: byMerges[2].seconds - byMerges[0].seconds,
    byLength,
    exponent: exponent(byLength.map(({ share, seconds }) => [share, seconds])),
    recountPerMerge: recount,
    recountThousand: 1000 * recount,
    distinctWords: new Set(words(train.text)).size,
  };
}

/** Megabytes per second. A cold tokenizer has met no word yet. */
function speed() {
  const [all, tokenizer] = [text.text, trained.get(1024) ?? subwords[0]];
  const part = validation.text;
  const random = new Random(1);
  const letters = Array.from({ length: 1e5 }, () => "etaoinsh "[random.integer(9)]).join("");
  const cold = (sample: string): number => {
    const times = Array.from({ length: 9 }, () => {
      const fresh = BPETokenizer.load(tokenizer.save());
      return quickest(() => fresh.encode(sample), 1);
    });
    return megabytesPerSecond(sample, Math.min(...times));
  };
  const ids = tokenizer.encode(part);
  return {
    characters: megabytesPerSecond(
      part,
      quickest(() => characters.encode(part), 50),
    ),
    warm: megabytesPerSecond(
      part,
      quickest(() => tokenizer.encode(part), 50),
    ),
    cold: cold(all),
    randomLetters: cold(letters),
    oneWord: cold("ab".repeat(50_000)),
    decode: megabytesPerSecond(
      part,
      quickest(() => tokenizer.decode(ids), 50),
    ),
  };
}

/** The first sentence of the Universal Declaration of Human Rights. */
const SENTENCES = {
  English: "All human beings are born free and equal in dignity and rights.",
  German: "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
  Russian: "Все люди рождаются свободными и равными в своем достоинстве и правах.",
  Chinese: "人人生而自由，在尊严和权利上一律平等。",
  Hindi: "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
} as const;

/** What a reader, Unicode, JavaScript and UTF-8 count, and the tokens of a vocabulary that was learned from English. */
function unicode() {
  const tokenizer = trained.get(1024) ?? subwords[0];
  const counted = (sample: string) => ({
    graphemes: [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(sample)].length,
    codePoints: [...sample].length,
    units: sample.length,
    bytes: bytesOf(sample),
    tokens: tokenizer.encode(sample).length,
  });
  const sentences = Object.entries(SENTENCES).map(
    ([language, sample]) => [language, counted(sample)] as const,
  );
  return {
    sentences: Object.fromEntries(sentences),
    family: counted("👩‍👩‍👧"),
    composed: counted("é"),
    decomposed: counted("e\u0301"),
  };
}

report({
  characters: scored(characters),
  words: wholeWords(),
  sizes: sizes(),
  training: training(),
  speed: speed(),
  unicode: unicode(),
});
