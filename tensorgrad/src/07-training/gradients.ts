import { clipGradNorm, clipGradValue, gradNorm, regularize } from "../06-optimizers/index.ts";
import type { Accumulation } from "./accumulation.ts";
import { gradientDiverged, type When } from "./divergence.ts";
import type { TrainerOptions } from "./options.ts";

/**
 * Turns the sum of a group's gradients into what the optimizer should see, between `backward` and `step`.
 *
 * Returns  their length, before they were regularized and clipped; null if the step is to be skipped
 * Throws   DivergenceError if it is not finite
 */
// exercise: clip-find-order
export function prepareGradients(options: TrainerOptions, group: Accumulation, when: When): number | null {
  const parameters = options.optimizer.groups.flatMap(({ params }) => params);
  group.finish(parameters);
  if (options.precision && !options.precision.unscale(parameters, options.model, when)) return null;
  const length = gradNorm(parameters);
  if (!Number.isFinite(length)) throw gradientDiverged(options.model, group.loss, when);
  if (options.regularize) regularize(parameters, options.regularize);
  if (options.clipGradValue) clipGradValue(parameters, options.clipGradValue);
  if (options.clipGradNorm) clipGradNorm(parameters, options.clipGradNorm);
  return length;
}
