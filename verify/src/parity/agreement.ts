import type { ArrayValue } from "tensorgrad/onnx";
import { unravel } from "../gradients/closeness.ts";

/** How far two arrays of results are apart. */
export interface Agreement {
  readonly size: number;
  readonly maxAbs: number;
  /** |a − b| / max(|a|, |b|). */
  readonly maxRel: number;
  /** In units in the last place: how many numbers of the dtype lie between both. */
  readonly maxUlp: number;
  readonly medianUlp: number;
  /** Where the absolute difference is largest; null if there is none. */
  readonly worst: { readonly index: readonly number[]; readonly a: number; readonly b: number } | null;
}

/** What a comparison with the other engine is called, and how it ended. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
}

/** The largest difference of all that was compared, three ways. */
export type Measures = Pick<Agreement, "maxAbs" | "maxRel" | "maxUlp">;

/**
 * Compares element by element. Equal infinities agree, and NaN agrees with NaN; anything else against them is
 * infinitely far.
 */
export function agreement(a: ArrayValue, b: ArrayValue): Agreement {
  const size = a.data.length;
  const between = ulpsBetween(a, b);
  const ulps = new Float64Array(size);
  let [maxAbs, maxRel, worst] = [0, 0, -1];
  for (let i = 0; i < size; i++) {
    const [x, y] = [Number(a.data[i]), Number(b.data[i])];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const isFar = !Number.isFinite(x) || !Number.isFinite(y);
    const abs = isFar ? Number.POSITIVE_INFINITY : Math.abs(x - y);
    ulps[i] = isFar ? Number.POSITIVE_INFINITY : between(i);
    if (abs > maxAbs) [maxAbs, worst] = [abs, i];
    maxRel = Math.max(maxRel, isFar ? abs : abs / Math.max(Math.abs(x), Math.abs(y)));
  }
  ulps.sort();
  return {
    size,
    maxAbs,
    maxRel,
    maxUlp: size ? ulps[size - 1] : 0,
    medianUlp: size ? ulps[size >> 1] : 0,
    worst:
      worst < 0
        ? null
        : { index: unravel(worst, a.shape), a: Number(a.data[worst]), b: Number(b.data[worst]) },
  };
}

const folded =
  (fold: (a: number, b: number) => number) =>
  <K extends string>(keys: readonly K[], list: readonly Readonly<Record<K, number>>[]) => {
    const all = (key: K) => list.reduce((sum, one) => fold(sum, one[key]), 0);
    return Object.fromEntries(keys.map((key) => [key, all(key)])) as Record<K, number>;
  };

/** The largest of each measure; 0 of nothing. */
export const largestOf = folded(Math.max);
export const totalOf = folded((a, b) => a + b);

/** The number of representable values between a[i] and b[i], in the coarser of the two dtypes. */
function ulpsBetween(a: ArrayValue, b: ArrayValue): (i: number) => number {
  if (a.dtype === "float32" || b.dtype === "float32") {
    const [p, q] = [a, b].map(({ data }) => new Int32Array(Float32Array.from(data as Float32Array).buffer));
    return (i) => Math.abs(ordered(p[i]) - ordered(q[i]));
  }
  if (a.dtype === "float64") {
    const [p, q] = [a, b].map(
      ({ data }) => new BigInt64Array(Float64Array.from(data as Float64Array).buffer),
    );
    return (i) => Math.abs(Number(ordered64(p[i]) - ordered64(q[i])));
  }
  return (i) => Math.abs(Number(a.data[i]) - Number(b.data[i]));
}

// The bits of a float count up with its magnitude; negative ones are mirrored, and both zeros are 0.
const ordered = (bits: number): number => (bits < 0 ? -(bits & 0x7fffffff) : bits);
const ordered64 = (bits: bigint): bigint => (bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits);

/** How many rows have their largest element at the same place; null unless the arrays have two dims. */
export function equalPredictions(a: ArrayValue, b: ArrayValue): { equal: number; total: number } | null {
  if (a.shape.length !== 2 || a.shape[1] === 0) return null;
  const [total, width] = a.shape;
  let equal = 0;
  for (let row = 0; row < total; row++) {
    if (argmax(a.data, row * width, width) === argmax(b.data, row * width, width)) equal++;
  }
  return { equal, total };
}

function argmax(data: ArrayLike<number | bigint>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (data[start + i] > data[start + best]) best = i;
  return best;
}

/** Arrays end to end along dim 0. */
export function concatenated(parts: readonly ArrayValue[]): ArrayValue {
  if (parts.length === 1) return parts[0];
  const [{ dtype, shape, data }] = parts;
  const joined = new (data.constructor as new (n: number) => Float64Array)(
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let start = 0;
  for (const part of parts) {
    joined.set(part.data as Float64Array, start);
    start += part.data.length;
  }
  const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
  return { dtype, shape: [rows, ...shape.slice(1)], data: joined };
}
