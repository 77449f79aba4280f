import { expectArgument } from "../../00-runtime/index.ts";
import { chiSquareTail } from "./distributions.ts";
import type { TestResult } from "./kolmogorov-smirnov.ts";

/** Bins of a reference: about as many of its values in each. */
export const BINS = 10;

/**
 * Limits between bins that hold about equal shares of the values, which are sorted. Where many values are equal, bins run
 * together: there are fewer.
 */
export function binLimits(sorted: Float64Array, bins = BINS): number[] {
  const limits = Array.from(
    { length: bins - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)],
  );
  return [...new Set(limits)].filter((limit) => limit > sorted[0]);
}

/** How many values lie in each bin: below the first limit, …, at or above the last. Bin `limits.length + 1` is for what is not finite. */
export function binCounts(values: Iterable<number>, limits: readonly number[]): number[] {
  const counts = new Array<number>(limits.length + 2).fill(0);
  for (const value of values) counts[Number.isFinite(value) ? binOf(value, limits) : limits.length + 1]++;
  return counts;
}

function binOf(value: number, limits: readonly number[]): number {
  let [low, high] = [0, limits.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < limits[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The population stability index of two rows of counts, and how likely one as large is where nothing differs.
 *
 *   PSI = Σ_i (q_i − p_i) · ln(q_i / p_i),  PSI / (1/n + 1/m) ~ χ² with one degree of freedom less than there are bins
 *
 * The usual limits, 0.1 "watch" and 0.25 "act", say how large a change is, not whether it is one: between two samples of 100
 * in ten bins the index is 0.18 on average where nothing changed. Half a value is added to every bin, as an empty one would
 * make the index infinite; bins that both samples leave empty do not count.
 *
 * Source    Siddiqi 2006, Credit Risk Scorecards; Yurdakul 2018, Statistical properties of the population stability index
 */
export function populationStability(reference: readonly number[], window: readonly number[]): TestResult {
  expectCounts("populationStability", reference, window);
  const used = reference.map((count, i) => count + window[i] > 0);
  const bins = used.filter(Boolean).length;
  const [n, m] = [reference, window].map((counts) => counts.reduce((sum, count) => sum + count, 0));
  let statistic = 0;
  for (const [i, count] of reference.entries()) {
    if (!used[i]) continue;
    const p = (count + 0.5) / (n + bins / 2);
    const q = (window[i] + 0.5) / (m + bins / 2);
    statistic += (q - p) * Math.log(q / p);
  }
  return { statistic, p: bins > 1 ? chiSquareTail(statistic / (1 / n + 1 / m), bins - 1) : 1 };
}

/** The least number of values of both samples together that a category must be expected to have: rarer ones are put together. */
const RARE = 5;

/**
 * Whether two rows of counts are of one distribution: Pearson's χ² of homogeneity, with one degree of freedom less than there
 * are categories.
 *
 *   χ² = Σ_i (c_i − e_i)² / e_i over both rows,  e_i = a row's total times the share of category i in both
 *
 * Categories of which fewer than five are expected in a row are counted as one, as the approximation needs.
 *
 * Source    Pearson 1900; Cochran 1954, Some methods for strengthening the common χ² tests
 */
export function categoryShift(reference: readonly number[], window: readonly number[]): TestResult {
  expectCounts("categoryShift", reference, window);
  const [n, m] = [reference, window].map((counts) => counts.reduce((sum, count) => sum + count, 0));
  if (n === 0 || m === 0) return { statistic: 0, p: 1 };
  const smaller = Math.min(n, m) / (n + m);
  const rare = [0, 0];
  const pairs: (readonly number[])[] = [];
  for (const [i, count] of reference.entries()) {
    if ((count + window[i]) * smaller >= RARE) pairs.push([count, window[i]]);
    else for (const [row, value] of [count, window[i]].entries()) rare[row] += value;
  }
  if (rare[0] + rare[1] > 0) pairs.push(rare);
  let statistic = 0;
  for (const [a, b] of pairs) {
    for (const [count, total] of [
      [a, n],
      [b, m],
    ]) {
      const expected = (total * (a + b)) / (n + m);
      statistic += (count - expected) ** 2 / expected;
    }
  }
  return { statistic, p: pairs.length > 1 ? chiSquareTail(statistic, pairs.length - 1) : 1 };
}

/** Refuses anything but two lists of counts. */
export function expectCounts(call: string, reference: unknown, window: unknown): void {
  for (const [name, counts] of Object.entries({ reference, window }))
    expectArgument(Array.isArray(counts), call, name, counts, "a list of counts");
}
