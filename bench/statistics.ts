import { median } from "tensorgrad/runtime";

/** The median; null where nothing was measured. */
export const medianOf = (values: readonly number[]): number | null => (values.length ? median(values) : null);

/** Rounded to three significant digits: what repeated runs on a quiet machine agree on. */
export const significant = (value: number): number => Number(value.toPrecision(3));

/** How many times faster than before. */
export interface Ratio {
  readonly ratio: number;
  /** The ends of an interval that holds the true median in 95 of 100 measurements, whatever the distribution. */
  readonly low: number;
  readonly high: number;
}

/** Of measurements in turns: each round gives one ratio. The interval is that of the sign test, between two of them. */
export function ratioOf(before: readonly number[], now: readonly number[]): Ratio {
  const ratios = before.map((seconds, i) => seconds / now[i]).sort((a, b) => a - b);
  const outside = signTest(ratios.length);
  return { ratio: median(ratios), low: ratios[outside], high: ratios[ratios.length - 1 - outside] };
}

/** How many of n ratios to leave out at either end: fewer than so many lie below the true median in 2.5 of 100 cases. */
function signTest(n: number): number {
  let [left, binomial, below] = [0, 1, 2 ** -n];
  while (below <= 0.025) {
    left++;
    binomial *= (n - left + 1) / left;
    below += binomial * 2 ** -n;
  }
  if (left === 0) throw new RangeError(`ratioOf: ${n} rounds — an interval of 95 % needs 6 or more`);
  return left - 1;
}
