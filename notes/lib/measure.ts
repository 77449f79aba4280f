import { writeSync } from "node:fs";
import { interleavedSync, type RoundOptions } from "tensorgrad/benchmarking";
import { median } from "tensorgrad/runtime";

/** Milliseconds of one call: the median of `rounds`, after a few calls that warm up the compiler. */
export const milliseconds = (run: () => void, options: RoundOptions = {}): number =>
  compared({ run }, options).run;

/** Several ways to do one thing, timed in turns. Returns the median milliseconds of each. */
export function compared<Name extends string>(
  ways: Readonly<Record<Name, () => void>>,
  options: RoundOptions = {},
): Record<Name, number> {
  const medians = Object.entries<readonly number[]>(interleavedSync(ways, options)).map(([name, times]) => [
    name,
    median(times),
  ]);
  return Object.fromEntries(medians) as Record<Name, number>;
}

/**
 * The exponent p of the power law y ∝ xᵖ that fits best: the slope of a straight line through (log x, log y).
 * What a prediction such as "time grows with n³" is held against.
 */
export function exponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: 0 | 1): number => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

/** Ends a measuring program: its result as one JSON object on the last line. */
export function report(result: Readonly<Record<string, unknown>>): void {
  writeSync(1, `${JSON.stringify(result)}\n`);
}

/** For programs of others: their BLAS has threads of its own, which would count as processor time. */
export const ONE_THREAD = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" } as const;
