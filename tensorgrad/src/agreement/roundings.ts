/** Spacing of numbers just above 1. */
const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/**
 * The largest |found − truth| in roundings: in units of eps·(|truth| + size). As the bound of a property it follows the
 * numbers that were drawn. `size` is that of the terms which were added, where they may cancel; without it, the
 * largest truth. NaN differs from numbers, not from NaN.
 */
export function roundings(
  found: ArrayLike<number>,
  truth: ArrayLike<number>,
  dtype: string,
  size: number = largest(Array.from(truth, Math.abs)),
): number {
  if (found.length !== truth.length) return Infinity;
  const eps = EPSILON[dtype as keyof typeof EPSILON];
  const each = Array.from(truth, (t, i) => {
    if (Object.is(found[i], t) || found[i] === t) return 0;
    const off = Math.abs(found[i] - t) / (eps * (Math.abs(t) + size));
    return Number.isNaN(off) ? Infinity : off;
  });
  return largest(each);
}

const largest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
