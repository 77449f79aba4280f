import type { Exercise } from "../../exercise.ts";
import { accelerationReading } from "./acceleration-reading.ts";
import { capturePlan } from "./capture-plan.ts";
import { halfPrecisionRange } from "./half-precision-range.ts";
import { lossScaleUnscale } from "./loss-scale-unscale.ts";
import { matmulNaive } from "./matmul-naive.ts";

/** Module 16, in order. */
export const exercises: readonly Exercise[] = [
  matmulNaive,
  lossScaleUnscale,
  capturePlan,
  halfPrecisionRange,
  accelerationReading,
];
