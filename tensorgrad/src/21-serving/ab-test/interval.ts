import { checked, expectArgument } from "../../00-runtime/index.ts";
/** Outcomes of one arm, with their squares. */
export interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/**
 * Limits of the difference candidate − control that hold at all times together, with a chance of 1 − α: the normal mixture.
 * With V = s_a²/n_a + s_b²/n_b, the variance of the difference, and `narrowest` the V at which the limits are to be tightest,
 *
 *   radius² = V · (1 + r) · (2·ln(1/α) + ln(1 + 1/r)),  r = V / (8·narrowest)
 *
 * It holds for large numbers of outcomes, as it uses their
 * own variance: it is for eyes, decisions are `Evidence`'s, which is exact.
 *
 * Source    Robbins 1970; Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Time-uniform central limit theory
 */
export function differenceInterval(
  control: Moments,
  candidate: Moments,
  options: { readonly alpha: number; readonly narrowest: number },
): { readonly estimate: number; readonly low: number; readonly high: number } | null {
  const { alpha, narrowest } = checked("differenceInterval", options, ["alpha", "narrowest"]);
  for (const [name, arm] of Object.entries({ control, candidate }))
    expectArgument(
      typeof arm?.count === "number",
      "differenceInterval",
      name,
      arm,
      "{ count, sum, squares }",
    );
  if (control.count < 2 || candidate.count < 2) return null;
  const [a, b] = [control, candidate].map(({ count, sum, squares }) => {
    const mean = sum / count;
    return { mean, error: Math.max(squares / count - mean ** 2, 1 / count) / count };
  });
  const variance = a.error + b.error;
  const r = variance / narrowest / 8; // near the least radius at V = narrowest, for usual levels
  const radius = Math.sqrt(variance * (1 + r) * (2 * Math.log(1 / alpha) + Math.log(1 + 1 / r)));
  const estimate = b.mean - a.mean;
  return { estimate, low: estimate - radius, high: estimate + radius };
}
