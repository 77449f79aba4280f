import type { Exercise } from "../../exercise.ts";
import { profilingActivationBytes } from "./profiling-activation-bytes.ts";
import { profilingBackwardFlops } from "./profiling-backward-flops.ts";
import { profilingFlops } from "./profiling-flops.ts";
import { profilingReading } from "./profiling-reading.ts";
import { profilingTrainingMemory } from "./profiling-training-memory.ts";

/** Module 15, in order. */
export const exercises: readonly Exercise[] = [
  profilingFlops,
  profilingBackwardFlops,
  profilingActivationBytes,
  profilingTrainingMemory,
  profilingReading,
];
