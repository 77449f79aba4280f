import type { TestResult } from "./kolmogorov-smirnov.ts";
import { expectCounts } from "./population-stability.ts";

/**
 * Whether one of several shares changed, exactly: of bins, or of categories.
 *
 * Bin i has c values in both samples together. If nothing changed, the window's m values are any m of all N: how many of the c
 * it got is hypergeometric. The smaller tail counts twice, as a share may rise or fall, and the least of k bins k times
 * (Bonferroni):
 *
 *   P(X = x) = C(c, x) · C(N − c, m − x) / C(N, m),  p = k · 2 · min(P(X ≤ x), P(X ≥ x))
 *
 * The statistic is the largest change of a share. χ² would take less room, but its p is an approximation: so far in its tail
 * as a window with many tests asks (p below 0.001), rare categories exceed it twice as often as it says, at 10 values each.
 *
 * Cost      at most m steps a bin
 * Source    Fisher 1935, The design of experiments
 */
export function shareShift(reference: readonly number[], window: readonly number[]): TestResult {
  expectCounts("shareShift", reference, window);
  const [n, m] = [reference, window].map((counts) => counts.reduce((sum, count) => sum + count, 0));
  if (n === 0 || m === 0) return { statistic: 0, p: 1 };
  const used = reference.flatMap((count, i) => (count + window[i] > 0 ? [i] : []));
  const tails = used.map((i) => smallerTail(window[i], reference[i] + window[i], m, n + m));
  const changes = used.map((i) => Math.abs(window[i] / m - reference[i] / n));
  return { statistic: Math.max(...changes), p: Math.min(1, 2 * used.length * Math.min(...tails)) };
}

/** min(P(X ≤ x), P(X ≥ x)) where m of N are drawn, and c of the N are marked. */
export function smallerTail(x: number, c: number, m: number, N: number): number {
  const at = Math.exp(logChoose(c, x) + logChoose(N - c, m - x) - logChoose(N, m));
  // From one count to the next, the chance changes by a simple factor.
  let [above, below] = [at, at];
  for (let k = x, term = at; term > above * 1e-17 && k < Math.min(c, m); k++) {
    term *= ((c - k) * (m - k)) / ((k + 1) * (N - c - m + k + 1));
    above += term;
  }
  for (let k = x, term = at; term > below * 1e-17 && k > Math.max(0, m + c - N); k--) {
    term *= (k * (N - c - m + k)) / ((c - k + 1) * (m - k + 1));
    below += term;
  }
  return Math.min(above, below, 1);
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

const SMALL = new Float64Array(32);
for (let n = 1; n < SMALL.length; n++) SMALL[n] = SMALL[n - 1] + Math.log(n);

/** ln n!, by Stirling's series where n is not small. */
function logFactorial(n: number): number {
  if (n < SMALL.length) return SMALL[n];
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}
