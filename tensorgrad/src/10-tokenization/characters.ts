import { checked, Printed, settings } from "../00-runtime/index.ts";
import { Alphabet } from "../08-data/index.ts";
import { checkIds, checkText, type Tokenizer } from "./tokenizer.ts";

/** Options of `CharTokenizer`. */
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
export class CharTokenizer extends Printed implements Tokenizer {
  readonly #alphabet: Alphabet;
  readonly #unknown: number | undefined;

  /** `text` is what the alphabet is taken from: all the text there is, or an alphabet. */
  constructor(text: string, options: CharTokenizerOptions = {}) {
    const { unknown } = checked("CharTokenizer", options, ["unknown"]);
    super();
    checkText("CharTokenizer", text);
    const alphabet = new Alphabet(text);
    if (unknown !== undefined && (typeof unknown !== "string" || [...unknown].length !== 1)) {
      throw new RangeError(
        `CharTokenizer: unknown ${JSON.stringify(unknown)} — the replacement is one character`,
      );
    }
    this.#alphabet = unknown === undefined ? alphabet : alphabet.with(unknown);
    this.#unknown = unknown === undefined ? undefined : this.#alphabet.number(unknown);
  }

  /** Every character once, in the order of the numbers. */
  get alphabet(): string {
    return this.#alphabet.characters.join("");
  }

  get vocabSize(): number {
    return this.#alphabet.size;
  }

  encode(text: string): Int32Array {
    checkText("CharTokenizer.encode", text);
    const remedy = 'build it from more text, or pass { unknown: "?" } to replace such characters';
    return this.#alphabet.encode(text, { call: "CharTokenizer.encode", remedy, unknown: this.#unknown });
  }

  decode(ids: ArrayLike<number>): string {
    const { characters } = this.#alphabet;
    checkIds("CharTokenizer.decode", ids, characters);
    return Array.from(ids, (id) => characters[id]).join("");
  }

  protected override describe(): string {
    return settings({ vocabSize: this.vocabSize, alphabet: this.alphabet });
  }
}
