import type { Floats } from "./arrays.ts";
import { toEven } from "./round.ts";

/**
 * Numbers of 16 bits: a sign, an exponent and a fraction. float16 has more fraction, bfloat16 the exponents of float32.
 *
 *   float16   1 + 5 + 10 bits: three decimal digits, up to 65504, down to 6e-8
 *   bfloat16  1 + 8 + 7 bits: two decimal digits, up to 3.4e38, down to 9e-41
 *
 * Source    IEEE 754-2008, binary16; bfloat16: Kalamkar et al. 2019, A study of bfloat16 for deep learning training
 */
export type Half = "float16" | "bfloat16";

/** Bits of the fraction, and the exponent that stands for 2⁰. */
const formats = {
  float16: { fraction: 10, bias: 15 },
  bfloat16: { fraction: 7, bias: 127 },
} as const;

/** Bits of float32's fraction. */
const SINGLE = 23;

/** Whether elements of this dtype have 16 bits. */
export const isHalf = (dtype: string): dtype is Half => dtype === "float16" || dtype === "bfloat16";

/** One number in 64 bits, and its upper half, where sign and exponent are. */
const double = new Float64Array(1);
const upper = new Uint32Array(double.buffer);

/** ⌊log₂|x|⌋ for a number that is no subnormal of float64. */
function exponentOf(x: number): number {
  double[0] = x;
  return ((upper[1] >>> 20) & 0x7ff) - 1023;
}

/**
 * The bits of the nearest number in 16 bits, rounded once; of two equally near ones that with the even fraction. What is beyond
 * the largest by half a step or more becomes ∞.
 */
export function halfBits(x: number, dtype: Half): number {
  const { fraction, bias } = formats[dtype];
  const infinity = (2 * bias + 1) << fraction;
  if (Number.isNaN(x)) return infinity | (1 << (fraction - 1));
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  if (Math.abs(x) === Infinity) return sign | infinity;
  const least = 1 - bias; // the exponent of subnormals
  const exponent = Math.max(exponentOf(x), least);
  const steps = toEven(Math.abs(x) * 2 ** (fraction - exponent));
  // Of a normal number, the steps have the leading 1 that is not stored: it adds one to the exponent.
  return sign | Math.min(((exponent - least) << fraction) + steps, infinity);
}

/** The number with these bits, exactly. */
export function halfValue(bits: number, dtype: Half): number {
  const { fraction, bias } = formats[dtype];
  const [exponent, steps] = [(bits & 0x7fff) >> fraction, bits & ((1 << fraction) - 1)];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 2 * bias + 1) return steps === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * steps * 2 ** (1 - bias - fraction)
    : sign * ((1 << fraction) + steps) * 2 ** (exponent - bias - fraction);
}

/** Writes numbers as bits, from position `at` on. The payload of a NaN in float32 stays, as far as there is room. */
export function encode(values: ArrayLike<number>, dtype: Half, bits: Uint16Array, at = 0): void {
  const words = values instanceof Float32Array ? wordsOf(values) : null;
  for (let i = 0; i < values.length; i++) {
    const isPayload = words !== null && Number.isNaN(values[i]);
    bits[at + i] = isPayload ? nanBits(words[i], dtype) : halfBits(values[i], dtype);
  }
}

/** Reads bits as numbers. The payload of a NaN stays. */
export function decode(bits: Uint16Array, dtype: Half, values: Floats): void {
  const words = values instanceof Float32Array ? wordsOf(values) : null;
  const shift = SINGLE - formats[dtype].fraction;
  for (let i = 0; i < values.length; i++) {
    const value = halfValue(bits[i], dtype);
    if (words !== null && Number.isNaN(value))
      words[i] = ((bits[i] & 0x8000) << 16) | 0x7f80_0000 | ((bits[i] << shift) & 0x7f_ffff);
    else values[i] = value;
  }
}

const wordsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

/** The upper bits of the payload; 1 in front where they are all 0, for that would be ∞. */
function nanBits(word: number, dtype: Half): number {
  const { fraction, bias } = formats[dtype];
  const payload = (word & 0x7f_ffff) >>> (SINGLE - fraction);
  return ((word >>> 16) & 0x8000) | ((2 * bias + 1) << fraction) | (payload || 1 << (fraction - 1));
}
