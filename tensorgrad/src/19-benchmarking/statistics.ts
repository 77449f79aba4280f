import { checked, expectArgument, isList, median, Random } from "../00-runtime/index.ts";

/** The median; null where nothing was measured. */
export const medianOf = (values: readonly number[]): number | null =>
  expectNumbers("medianOf", values, "values").length ? median(values) : null;

/** Rounded to three significant digits: what repeated runs on a quiet machine agree on. */
export function significant(value: number): number {
  expectArgument(typeof value === "number", "significant", "value", value, "a number");
  return Number(value.toPrecision(3));
}

function expectNumbers(call: string, list: readonly number[], name: string): readonly number[] {
  expectArgument(isList(list), call, name, list, "a list of numbers");
  return list;
}

/** An estimate, and an interval that holds the true value in so many of 100 measurements. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Options of `bootstrap`. */
export interface BootstrapOptions {
  /** The chance that the interval holds the true value. */
  readonly level?: number;
  readonly resamples?: number;
  /** Draws the same samples each time. */
  readonly seed?: number;
  readonly statistic?: (values: readonly number[]) => number;
}

/**
 * How far an estimate may be off, from the samples alone: drawn anew from themselves, with repetition, many times over.
 *
 * Nothing is assumed of how they are distributed, but that they do not depend on each other. Of fewer than about ten samples the
 * interval is too narrow.
 *
 * Throws    RangeError for no samples, a level outside (0, 1), or fewer than 100 resamples
 * Source    Efron 1979, Bootstrap methods: another look at the jackknife (percentile interval)
 */
export function bootstrap(samples: readonly number[], options: BootstrapOptions = {}): Interval {
  const {
    level = 0.95,
    resamples = 1000,
    seed = 1,
    statistic = median,
  } = checked("bootstrap", options, ["level", "resamples", "seed", "statistic"]);
  expectNumbers("bootstrap", samples, "samples");
  if (samples.length === 0) throw new RangeError("bootstrap: no samples — an interval needs at least one");
  if (!(level > 0 && level < 1))
    throw new RangeError(`bootstrap: level = ${level} — a chance between 0 and 1`);
  if (!(Number.isInteger(resamples) && resamples >= 100))
    throw new RangeError(`bootstrap: resamples = ${resamples} — an integer, 100 or more`);
  const random = new Random(seed);
  const draw = () => samples.map(() => samples[random.integer(samples.length)]);
  const found = Array.from({ length: resamples }, () => statistic(draw())).sort((a, b) => a - b);
  const outside = Math.floor(((1 - level) / 2) * resamples);
  return { estimate: statistic(samples), low: found[outside], high: found[resamples - 1 - outside] };
}

/** How many times faster than before. */
export interface Ratio {
  readonly ratio: number;
  /** The ends of an interval that holds the true median in 95 of 100 measurements, whatever the distribution. */
  readonly low: number;
  readonly high: number;
}

/** Of measurements in turns: each round gives one ratio. The interval is that of the sign test, between two of them. */
export function ratioOf(before: readonly number[], now: readonly number[]): Ratio {
  expectNumbers("ratioOf", before, "before");
  expectNumbers("ratioOf", now, "now");
  const ratios = before.map((seconds, i) => seconds / now[i]).sort((a, b) => a - b);
  const outside = signTest(ratios.length);
  return { ratio: median(ratios), low: ratios[outside], high: ratios[ratios.length - 1 - outside] };
}

/** How many of n ratios to leave out at either end: fewer than so many lie below the true median in 2.5 of 100 cases. */
// exercise: bench-sign-test
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

/** Of measurements at different times: both medians are drawn anew, each from its own samples. */
export function ratioApart(before: readonly number[], now: readonly number[], seed = 1): Ratio {
  expectNumbers("ratioApart", before, "before");
  expectNumbers("ratioApart", now, "now");
  if (before.length < 2 || now.length < 2)
    throw new RangeError(
      `ratioApart: ${before.length} and ${now.length} samples — an interval needs 2 or more of both`,
    );
  const random = new Random(seed);
  const drawn = (samples: readonly number[]) =>
    median(samples.map(() => samples[random.integer(samples.length)]));
  const ratios = Array.from({ length: 1000 }, () => drawn(before) / drawn(now)).sort((a, b) => a - b);
  return { ratio: median(before) / median(now), low: ratios[25], high: ratios[974] };
}
