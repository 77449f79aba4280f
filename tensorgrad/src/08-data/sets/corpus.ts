import { counted, expectArgument, Printed, written } from "../../00-runtime/index.ts";
import { Alphabet } from "./alphabet.ts";

/**
 * A text with the characters it is made of. Length, numbers and parts count code points of Unicode: "a😀b" has three.
 */
export class Corpus extends Printed {
  readonly text: string;
  /** Number of characters. */
  readonly length: number;
  readonly #alphabet: Alphabet;

  /** `alphabet` may be that of a larger text, so that parts of it agree about the numbers. */
  constructor(text: string, alphabet: string | Alphabet = text) {
    super();
    expectArgument(typeof text === "string", "Corpus", "text", text, "a string");
    this.text = text;
    this.length = characterCount(text);
    this.#alphabet = typeof alphabet === "string" ? new Alphabet(alphabet) : alphabet;
  }

  /** Every character once, in the order of the numbers. */
  get alphabet(): string {
    return this.#alphabet.characters.join("");
  }

  /** The number of every character. Throws  RangeError for one that is not in the alphabet */
  ids(text: string = this.text): Int32Array {
    return this.#alphabet.encode(text, { call: "Corpus.ids", remedy: "give the alphabet of a larger text" });
  }

  /** The first share of the text and the rest, with this text's alphabet: 0.9 is nanoGPT's training part. */
  split(share = 0.9): [train: Corpus, validation: Corpus] {
    if (!(share >= 0 && share <= 1)) {
      throw new RangeError(`Corpus.split: share ${share} — a number from 0 to 1`);
    }
    const end = placeOf(this.text, Math.floor(this.length * share));
    return [
      new Corpus(this.text.slice(0, end), this.#alphabet),
      new Corpus(this.text.slice(end), this.#alphabet),
    ];
  }

  protected override describe(): string {
    return `${counted(this.length, "character")}: ${written(this.text)}`;
  }
}

/** A whole surrogate pair; with the flag u, a half alone does not match. */
const PAIR = /[\u{10000}-\u{10ffff}]/gu;

/** The length that JavaScript gives counts pairs twice. */
function characterCount(text: string): number {
  let pairs = 0;
  for (const _ of text.matchAll(PAIR)) pairs++;
  return text.length - pairs;
}

/** Where the n-th character begins in JavaScript's own count. */
function placeOf(text: string, n: number): number {
  let place = n;
  for (const { index } of text.matchAll(PAIR)) {
    if (index >= place) break;
    place++; // one pair more before it
  }
  return place;
}
