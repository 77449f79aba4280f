import type { Exercise } from "../../exercise.ts";

export const clipFindStretch: Exercise = {
  id: "clip-find-stretch",
  title: "Find the bug: clipping changes every step",
  points: 25,
  part: "implementation",
  kind: "find",
  starts: "short gradients are made longer",
  source: "tensorgrad/src/06-optimizers/clip.ts",
  note: "06-optimizers#five-questions",
  task:
    "This `clipGradNorm` has one bug. Long gradients come out right. Yet a training near its minimum does not settle with it: the loss swings. " +
    "Find the line, and repair it. Clipping may shorten gradients, and it must do nothing else.",
  hints: [
    "What does the function do to a gradient of length 0.001 when maxNorm is 1?",
    "Near a minimum gradients are short. Compare what they are before and after the call. Question 5 of note 06 says what clipping keeps.",
    "g ← g · maxNorm/(‖g‖ + 10⁻⁶) only if ‖g‖ > maxNorm; otherwise g stays as it is. The result is the length before.",
    "total ← the norm of all; refuse it if it is not finite; factor ← maxNorm/(total + 1e-6); if factor is below 1, scale by it; return total",
  ],
  mistakes: [
    {
      name: "short gradients are made longer",
      wrong: `  checked("clipGradNorm", options, ["normType"]);
  if (!(maxNorm > 0)) throw new RangeError(\`clipGradNorm: maxNorm \${maxNorm} — must be a number above 0\`);
  const { normType = 2 } = options;
  checkNorm(normType);
  return withNorm(gradientsOf("clipGradNorm", parameters), normType, (total, gradients) => {
    if (!Number.isFinite(total)) throw notFinite(total, parameters);
    const factor = maxNorm / (total + 1e-6);
    scale(gradients, factor);
    return total;
  });`,
      says: "Every gradient leaves with the length maxNorm, short ones as well. Look for what decides whether to scale at all.",
    },
    {
      name: "the factor is upside down",
      wrong: `  checked("clipGradNorm", options, ["normType"]);
  if (!(maxNorm > 0)) throw new RangeError(\`clipGradNorm: maxNorm \${maxNorm} — must be a number above 0\`);
  const { normType = 2 } = options;
  checkNorm(normType);
  return withNorm(gradientsOf("clipGradNorm", parameters), normType, (total, gradients) => {
    if (!Number.isFinite(total)) throw notFinite(total, parameters);
    const factor = (total + 1e-6) / maxNorm;
    if (factor > 1) scale(gradients, factor);
    return total;
  });`,
      says: "Long gradients become longer. Try a length of 10 with maxNorm 1: by which number must each element be multiplied?",
    },
    {
      name: "returns the length after",
      wrong: `  checked("clipGradNorm", options, ["normType"]);
  if (!(maxNorm > 0)) throw new RangeError(\`clipGradNorm: maxNorm \${maxNorm} — must be a number above 0\`);
  const { normType = 2 } = options;
  checkNorm(normType);
  return withNorm(gradientsOf("clipGradNorm", parameters), normType, (total, gradients) => {
    if (!Number.isFinite(total)) throw notFinite(total, parameters);
    const factor = maxNorm / (total + 1e-6);
    if (factor < 1) scale(gradients, factor);
    return Math.min(total, maxNorm);
  });`,
      says: "The gradients are right, the result is not. Whoever logs it wants to see the outliers, so it is the length before clipping.",
    },
  ],
};
