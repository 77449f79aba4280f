import { checkIds, checkText, type Tokenizer } from "./tokenizer.ts";

export interface CharTokenizerOptions {
  /** The character that stands for every one that is not in the alphabet. Without it, such a character is an error. */
  readonly unknown?: string;
}

/**
 * One token a character. A character's number is its place in the alphabet, which is sorted.
 *
 *   const tokenizer = new CharTokenizer("banana!");      // alphabet "!abn"
 *   tokenizer.encode("nab");                             // 3, 1, 2
 *
 * A character is a code point of Unicode: "😀" is one, though JavaScript stores it as two halves. What a reader takes
 * for one character may be several: "é" can be "e" and an accent, a flag is two letters, a family is people with joiners.
 *
 * Shapes  a text of n code points ↔ n ids
 * Cost    O(n), one look-up a character
 * Throws  RangeError for a character that is not in the alphabet, or an id that has none
 */
export class CharTokenizer implements Tokenizer {
  /** Every character once, in the order of the numbers. */
  readonly alphabet: string;
  readonly #characters: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #unknown: number | undefined;

  /** `text` is what the alphabet is taken from: all the text there is, or an alphabet. */
  constructor(text: string, { unknown }: CharTokenizerOptions = {}) {
    checkText("CharTokenizer", text);
    const characters = [...new Set(text)].sort(byCodePoint);
    if (unknown !== undefined) {
      if (typeof unknown !== "string" || [...unknown].length !== 1) {
        throw new RangeError(
          `CharTokenizer: unknown ${JSON.stringify(unknown)} — the replacement is one character`,
        );
      }
      // New characters come last, so that the others keep the numbers they have without a replacement.
      if (!characters.includes(unknown)) characters.push(unknown);
      this.#unknown = characters.indexOf(unknown);
    }
    this.#characters = characters;
    this.alphabet = characters.join("");
    this.#numbers = new Map(characters.map((character, i) => [character, i]));
  }

  get vocabSize(): number {
    return this.#characters.length;
  }

  encode(text: string): Int32Array {
    checkText("CharTokenizer.encode", text);
    const ids = new Int32Array(text.length);
    let count = 0;
    for (const character of text) {
      ids[count] = this.#numbers.get(character) ?? this.#unknown ?? this.#refuse(text, count);
      count++;
    }
    return ids.slice(0, count);
  }

  decode(ids: ArrayLike<number>): string {
    checkIds("CharTokenizer.decode", ids, this.#characters);
    return Array.from(ids, (id) => this.#characters[id]).join("");
  }

  #refuse(text: string, position: number): never {
    const characters = [...text];
    const code = characters[position].codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    const before = characters.slice(Math.max(0, position - 12), position).join("");
    const where = position === 0 ? "" : `, after ${JSON.stringify(before)}`;
    throw new RangeError(
      `CharTokenizer.encode: ${JSON.stringify(characters[position])} (U+${code}) at position ${position}${where} — ` +
        `the alphabet has ${this.vocabSize} characters, not this one; build it from more text, or pass { unknown: "?" } to replace such`,
    );
  }
}

const byCodePoint = (a: string, b: string): number => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
