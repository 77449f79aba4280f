import { afterSpace, type NumberList, readNumbers, textOf } from "./number-list.ts";

const MOST_NESTED = 16;
/** Digits of a whole number outside `data`. */
const MOST_DIGITS = 9;
const byteOf = (sign: string): number => sign.charCodeAt(0);
const [QUOTE, BACKSLASH, COLON, COMMA, MINUS] = ['"', "\\", ":", ",", "-"].map(byteOf);
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = ["[", "]", "{", "}"].map(byteOf);
const [ZERO, NINE] = ["0", "9"].map(byteOf);
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/**
 * The value that JSON.parse gives, but for flat lists of numbers under the key `data`, which are `NumberList`s.
 *
 * A request is mostly one long list of numbers, and JSON.parse takes half of the time that a small model's answer costs. What is
 * unusual (escapes, letters beyond ASCII, fractions outside `data`), or no JSON, is left to JSON.parse: it has the last word.
 *
 * Throws    SyntaxError as JSON.parse does
 */
export function readJson(bytes: Uint8Array): unknown {
  const value = new BodyReader(bytes).whole();
  return value === undefined ? JSON.parse(textOf(bytes)) : value;
}

/** Every method gives undefined for what it does not read. */
class BodyReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, length);
  }

  whole(): unknown {
    const value = this.#value(0, false);
    this.#peek();
    return this.#at === this.#bytes.length ? value : undefined;
  }

  #value(depth: number, isData: boolean): unknown {
    const byte = this.#peek();
    if (byte === QUOTE) return this.#string();
    if (byte === OPEN_LIST) return depth < MOST_NESTED ? this.#list(depth + 1, isData) : undefined;
    if (byte === OPEN) return depth < MOST_NESTED ? this.#object(depth + 1) : undefined;
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#integer();
    return this.#word();
  }

  #object(depth: number): unknown {
    const object: Record<string, unknown> = {};
    this.#at++;
    if (this.#takes(CLOSE)) return object;
    do {
      const key = this.#peek() === QUOTE ? this.#string() : undefined;
      if (key === undefined || key === "__proto__" || !this.#takes(COLON)) return undefined;
      const value = this.#value(depth, key === "data");
      if (value === undefined) return undefined;
      object[key] = value;
    } while (this.#takes(COMMA));
    return this.#takes(CLOSE) ? object : undefined;
  }

  #list(depth: number, isData: boolean): unknown {
    const from = this.#at++;
    if (this.#takes(CLOSE_LIST)) return [];
    const byte = this.#peek();
    if (isData && byte !== OPEN_LIST && byte !== QUOTE) return this.#numbers(from);
    const list: unknown[] = [];
    do {
      const value = this.#value(depth, isData);
      if (value === undefined) return undefined;
      list.push(value);
    } while (this.#takes(COMMA));
    return this.#takes(CLOSE_LIST) ? list : undefined;
  }

  #numbers(from: number): NumberList | undefined {
    const numbers = readNumbers(this.#bytes, from);
    if (!numbers) return undefined;
    this.#at = from + numbers.bytes;
    return numbers;
  }

  #string(): string | undefined {
    const from = ++this.#at;
    let at = from;
    for (let byte = this.#bytes[at]; byte !== QUOTE; byte = this.#bytes[++at])
      if (!(byte >= 32 && byte < 128 && byte !== BACKSLASH)) return undefined;
    this.#at = at + 1;
    return this.#bytes.toString("latin1", from, at);
  }

  #integer(): number | undefined {
    const first = this.#bytes[this.#at] === MINUS ? this.#at + 1 : this.#at;
    let at = first;
    let value = 0;
    let byte = this.#bytes[at];
    for (; byte >= ZERO && byte <= NINE; byte = this.#bytes[++at]) value = value * 10 + byte - ZERO;
    const digits = at - first;
    const isPlain = digits > 0 && digits <= MOST_DIGITS && (digits === 1 || this.#bytes[first] !== ZERO);
    const sign = first > this.#at ? -1 : 1;
    this.#at = at; // a point or an exponent here is no comma and no bracket: the whole is given up
    return isPlain ? sign * value : undefined;
  }

  #word(): unknown {
    for (const [word, value] of WORDS) {
      const end = this.#at + word.length;
      if (this.#bytes.toString("latin1", this.#at, end) !== word) continue;
      this.#at = end;
      return value;
    }
    return undefined;
  }

  #peek(): number {
    this.#at = afterSpace(this.#bytes, this.#at);
    return this.#bytes[this.#at];
  }

  /** Whether this sign comes next; then it is read. */
  #takes(sign: number): boolean {
    if (this.#peek() !== sign) return false;
    this.#at++;
    return true;
  }
}
