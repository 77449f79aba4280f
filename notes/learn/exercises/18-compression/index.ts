import type { Exercise } from "../../exercise.ts";
import { compressionReading } from "./compression-reading.ts";
import { compressionSizes } from "./compression-sizes.ts";
import { distillationLoss } from "./distillation-loss.ts";
import { pruneMagnitude } from "./prune-magnitude.ts";
import { sparseBits } from "./sparse-bits.ts";

/** Module 18, in order. */
export const exercises: readonly Exercise[] = [
  pruneMagnitude,
  distillationLoss,
  sparseBits,
  compressionSizes,
  compressionReading,
];
