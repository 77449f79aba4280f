/** Digits that are gathered; what comes behind them is below the precision of a double. */
const MOST_DIGITS = 18;
/** All of them are exact. */
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => 10 ** i);
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The number that was read last: a function that returns a double would make an object for each. */
const found = new Float64Array(1);
const words = new Uint32Array(found.buffer);

/** Most lists are shorter, and are gathered here before they get an array of their own. */
const room = new Float32Array(2 ** 14);

/**
 * Flat numbers of a request, as float32: exactly those that JSON.parse and rounding give, in a third of the time.
 *
 * Digits are taken four at a time into a double. It may be wrong in its last bits where there are more than 15 digits, which
 * matters only next to the middle between two float32: such a number is read again by `Number`.
 *
 * Source    digits side by side in one word: Lemire 2021, Number parsing at a gigabyte per second
 */
export class NumberList {
  readonly floats: Float32Array<ArrayBuffer>;
  readonly #json: Uint8Array;

  constructor(floats: Float32Array<ArrayBuffer>, json: Uint8Array) {
    [this.floats, this.#json] = [floats, json];
  }

  get length(): number {
    return this.floats.length;
  }

  /** Length of the text, brackets included. */
  get bytes(): number {
    return this.#json.length;
  }

  /** As JSON.parse reads them. */
  numbers(): number[] {
    return JSON.parse(textOf(this.#json)) as number[];
  }
}

export const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString("utf8");

/** The list whose bracket stands at `from`; null for what is no flat list of numbers. */
export function readNumbers(bytes: Uint8Array, from: number): NumberList | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let floats = room;
  let count = 0;
  let at = from;
  do {
    at = readNumber(bytes, view, afterSpace(bytes, at + 1));
    if (at < 0) return null;
    if (count === floats.length) floats = twice(floats);
    floats[count++] = found[0];
    at = afterSpace(bytes, at);
  } while (bytes[at] === 44); // a comma
  if (bytes[at] !== 93) return null; // a closing bracket
  return new NumberList(floats.slice(0, count), bytes.subarray(from, at + 1));
}

/** The place of the next byte that is no white space. */
export function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 32 || byte === 10 || byte === 13 || byte === 9; ) byte = bytes[++at];
  return at;
}

/** Leaves in `found` a number near enough to be rounded to float32. The place behind it; −1 for what is none. */
function readNumber(bytes: Uint8Array, view: DataView, from: number): number {
  const isNegative = bytes[from] === 45;
  const first = isNegative ? from + 1 : from;
  let at = first;
  let value = 0;
  let byte = bytes[at];
  for (; byte >= 48 && byte <= 57; byte = bytes[++at]) value = value * 10 + (byte - 48);
  const whole = at - first;
  if (whole === 0 || whole > 9 || (whole > 1 && bytes[first] === 48)) return readAny(bytes, from);
  found[0] = value;
  if (byte === 46) {
    at = readFraction(bytes, view, at + 1, value === 0 ? MOST_DIGITS : MOST_DIGITS - whole);
    if (at < 0) return readAny(bytes, from);
    byte = bytes[at];
  }
  if (byte === 101 || byte === 69) return readAny(bytes, from); // e, E
  if (isNegative) found[0] = -found[0];
  return at;
}

/** Adds the digits from `from` on, behind the point, to `found`. The place behind them; −1 where there is none, or that is not exact. */
function readFraction(bytes: Uint8Array, view: DataView, from: number, most: number): number {
  const end = from + most;
  const lastFour = Math.min(end, bytes.length) - 4;
  let value = found[0];
  let at = from;
  while (at <= lastFour) {
    let four = (view.getUint32(at, true) - 0x3030_3030) | 0; // 0 to 9 in each byte, if it is a digit
    if ((((four + 0x7676_7676) | four) & 0x8080_8080) !== 0) break;
    four = (Math.imul(four, 10) + (four >>> 8)) & 0x00ff_00ff;
    value = value * 10_000 + ((Math.imul(four, 100) + (four >>> 16)) & 0xffff);
    at += 4;
  }
  let byte = bytes[at];
  for (; at < end && byte >= 48 && byte <= 57; byte = bytes[++at]) value = value * 10 + (byte - 48);
  const digits = at - from;
  while (byte >= 48 && byte <= 57) byte = bytes[++at];
  if (digits === 0) return -1;
  found[0] = value / POWERS[digits];
  const isExact = at - from === digits && value <= Number.MAX_SAFE_INTEGER;
  return isExact || (value > 1e15 && isClear()) ? at : -1;
}

/**
 * Whether a few units in the last place of `found` do not change the float32 it rounds to: a double has 29 bits more, and half
 * of them is where rounding turns.
 */
const isClear = (): boolean => Math.abs((words[0] & 0x1fff_ffff) - 0x1000_0000) > 0x100;

/** A number of any form that JSON allows. */
function readAny(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isOfNumber(bytes[at])) at++;
  const text = textOf(bytes.subarray(from, at));
  if (!JSON_NUMBER.test(text)) return -1;
  found[0] = Number(text);
  return at;
}

/** Digits, and - + . e E */
const isOfNumber = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || byte === 45 || byte === 43 || byte === 46 || byte === 101 || byte === 69;

function twice(floats: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const more = new Float32Array(2 * floats.length);
  more.set(floats);
  return more;
}
