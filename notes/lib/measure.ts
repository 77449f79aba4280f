import { writeSync } from "node:fs";
import { median } from "tensorgrad/runtime";

/** Milliseconds of one call: the median of `rounds`, after a few calls that warm up the compiler. */
export function milliseconds(run: () => void, { rounds = 15, warmUp = 3 } = {}): number {
  for (let i = 0; i < warmUp; i++) run();
  return median(
    Array.from({ length: rounds }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );
}

/**
 * Several ways to do one thing, timed in turns, so that a slow spell of the machine hits all of them alike.
 * Returns the median milliseconds of each.
 */
export function compared<Name extends string>(
  ways: Readonly<Record<Name, () => void>>,
  { rounds = 15, warmUp = 3 } = {},
): Record<Name, number> {
  const names = Object.keys(ways) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      ways[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
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
