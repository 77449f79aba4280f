import type { Exercise } from "../../exercise.ts";
import { adamStep } from "./adam-step.ts";
import { clipFindStretch } from "./clip-find-stretch.ts";
import { optimizerMemory } from "./optimizer-memory.ts";
import { readOptimizers } from "./read-optimizers.ts";
import { sgdMomentum } from "./sgd-momentum.ts";

/** Module 06, in the order in which to do them. */
export const exercises: readonly Exercise[] = [
  sgdMomentum,
  adamStep,
  clipFindStretch,
  optimizerMemory,
  readOptimizers,
];
