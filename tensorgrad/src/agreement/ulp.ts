// Distance between a float32 result and the truth, in units of the last place: the one measure of error in the
// suites that compare kernels.

const SMALLEST_NORMAL = 2 ** -126;
const OVERFLOW = 2 ** 128;

/** The spacing of float32 numbers at the magnitude of x. */
export function ulpOf(x: number): number {
  const size = Math.abs(x);
  return size < SMALLEST_NORMAL ? 2 ** -149 : 2 ** (Math.floor(Math.log2(size)) - 23);
}

/**
 * |got − truth| in units of the last place of max(|truth|, floor). Two NaN agree, and so do two infinities and a
 * truth beyond the range of float32 with the infinity on its side; NaN against a number is infinitely far.
 */
export function ulpError(got: number, truth: number, floor = 0): number {
  if (Number.isNaN(got) || Number.isNaN(truth)) return Object.is(got, truth) ? 0 : Infinity;
  if (got === truth || got === Math.fround(truth)) return 0;
  if (Math.abs(truth) === Infinity) return Infinity;
  const finite = Math.abs(got) === Infinity ? Math.sign(got) * OVERFLOW : got;
  return Math.abs(finite - truth) / ulpOf(Math.min(Math.max(Math.abs(truth), floor), 2 ** 127));
}
