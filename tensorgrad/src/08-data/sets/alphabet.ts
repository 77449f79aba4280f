import { checked, counted, expectArgument, isList, Printed, written } from "../../00-runtime/index.ts";
/** How a text becomes numbers, see `Alphabet.encode`. */
export interface EncodeCharacters {
  /** The call that an error names. */
  readonly call: string;
  /** What to do about an unknown character, for the error. */
  readonly remedy: string;
  /** The number of a character that stands for every unknown one. */
  readonly unknown?: number | undefined;
}

/**
 * The characters of a text, each once and in order. A character's number is its place among them.
 *
 * A character is a code point of Unicode: "😀" is one, though JavaScript stores it as two halves.
 */
export class Alphabet extends Printed {
  readonly characters: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  /** A list is taken as it is, each character once. */
  constructor(text: string | readonly string[]) {
    super();
    expectArgument(
      typeof text === "string" || isList(text),
      "Alphabet",
      "text",
      text,
      "a string, or a list of characters",
    );
    this.characters = typeof text === "string" ? [...new Set(text)].sort(byCodePoint) : text;
    this.#numbers = new Map(this.characters.map((character, i) => [character, i]));
  }

  /** How many characters it has. */
  get size(): number {
    return this.characters.length;
  }

  /** With one character more, which comes last if it is new: the others keep their numbers. */
  with(character: string): Alphabet {
    return this.#numbers.has(character) ? this : new Alphabet([...this.characters, character]);
  }

  /** Undefined for a character that is not here. */
  number(character: string): number | undefined {
    return this.#numbers.get(character);
  }

  /**
   * The number of every character of a text.
   *
   * Throws  RangeError that names a character that is not here, and its position, counted in characters
   */
  encode(text: string, options: EncodeCharacters): Int32Array {
    checked("Alphabet.encode", options, ["call", "remedy", "unknown"]);
    const numbers = new Int32Array(text.length);
    let count = 0;
    for (const character of text) {
      const number = this.#numbers.get(character) ?? options.unknown;
      if (number === undefined) this.#refuse(text, count, options);
      numbers[count++] = number;
    }
    return numbers.slice(0, count);
  }

  #refuse(text: string, position: number, { call, remedy }: EncodeCharacters): never {
    const characters = [...text];
    const code = characters[position].codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    const before = characters.slice(Math.max(0, position - 12), position).join("");
    const after = position === 0 ? "" : `, after ${JSON.stringify(before)}`;
    throw new RangeError(
      `${call}: ${JSON.stringify(characters[position])} (U+${code}) at position ${position}${after} — ` +
        `the alphabet has ${this.size} characters, not this one; ${remedy}`,
    );
  }

  protected override describe(): string {
    return `${counted(this.size, "character")}: ${written(this.characters.join(""))}`;
  }
}

const byCodePoint = (a: string, b: string): number => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
