import { expectArgument, isList } from "../../00-runtime/index.ts";
import { kolmogorovTail } from "./distributions.ts";

/** A statistic, and how likely one as large is where nothing differs. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}

/** Up to so many pairs the chance is counted exactly. */
const EXACT = 10_000;

/**
 * Whether two samples come from one distribution, whatever that is: the largest distance between the shares of both that lie
 * at or below a value.
 *
 *   D = max_x |F_a(x) − F_b(x)|,  p = Q(√(n·m/(n+m)) · D)
 *
 * Small samples are counted exactly: of all orders in which n and m values may come, the share whose D is as large. Where
 * values are tied, p is too large rather than too small.
 *
 * Cost      n + m for sorted samples, n·m for small ones
 * Throws    RangeError for a sample without values
 * Source    Smirnov 1939; Schröer & Trenkler 1995, Exact and randomization distributions of Kolmogorov–Smirnov tests
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): TestResult {
  for (const [name, sample] of Object.entries({ a, b }))
    expectArgument(isList(sample), "kolmogorovSmirnov", name, sample, "a sorted list of numbers");
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0)
    throw new RangeError(`kolmogorovSmirnov: samples of ${n} and ${m} values — both need one at least`);
  const statistic = largestDistance(a, b);
  const p =
    n * m <= EXACT ? exactTail(statistic, n, m) : kolmogorovTail(Math.sqrt((n * m) / (n + m)) * statistic);
  return { statistic, p: Math.min(1, Math.max(0, p)) };
}

/** Both sorted. Values that both have are passed together. */
function largestDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i], b[j]);
    while (i < a.length && a[i] <= x) i++;
    while (j < b.length && b[j] <= x) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/**
 * A random order of n and m values is a path from (0, 0) to (n, m). Row by row: the chance to come to (i, j) without having
 * been at a distance of d or more.
 */
function exactTail(d: number, n: number, m: number): number {
  const limit = d - 1e-12; // rounding must not count d itself as below d
  const row = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      const inside = Math.abs(i / n - j / m) < limit;
      if (i + j === 0) row[0] = 1;
      else {
        // Of the paths to (i, j), a share i/(i+j) comes from (i−1, j): every order is equally likely.
        const fromA = i > 0 ? row[j] * (i / (i + j)) : 0;
        const fromB = j > 0 ? row[j - 1] * (j / (i + j)) : 0;
        row[j] = inside ? fromA + fromB : 0;
      }
    }
  }
  return 1 - row[m];
}
