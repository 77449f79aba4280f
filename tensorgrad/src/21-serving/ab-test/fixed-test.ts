import { erfc, expectArgument } from "../../00-runtime/index.ts";

/** Outcomes of one arm. */
export interface Outcomes {
  readonly count: number;
  readonly sum: number;
}

/**
 * The ordinary two-sample test of proportions: how likely a difference as large is where there is none, if one looks **once**,
 * at a number of outcomes that was fixed before. Who looks again and again, and stops at the first p below 0.05, is wrong far
 * more often than in 5 of 100 cases: see note 21, and `ABTest`, which may be looked at.
 *
 *   z = (p_b − p_a) / √(p(1 − p)(1/n_a + 1/n_b)),  p value = erfc(|z|/√2)
 */
export function proportionTest(a: Outcomes, b: Outcomes): { readonly z: number; readonly p: number } {
  for (const [name, outcomes] of Object.entries({ a, b }))
    expectArgument(typeof outcomes?.count === "number", "proportionTest", name, outcomes, "{ count, sum }");
  const pooled = (a.sum + b.sum) / (a.count + b.count);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.count + 1 / b.count));
  const z = error > 0 ? (b.sum / b.count - a.sum / a.count) / error : 0;
  return { z, p: erfc(Math.abs(z) / Math.SQRT2) };
}
