import type { Exercise } from "../../exercise.ts";
import { benchGate } from "./bench-gate.ts";
import { benchPareto } from "./bench-pareto.ts";
import { benchRounds } from "./bench-rounds.ts";
import { benchSignTest } from "./bench-sign-test.ts";
import { benchmarkingReading } from "./benchmarking-reading.ts";

/** Module 19, in order. */
export const exercises: readonly Exercise[] = [
  benchSignTest,
  benchGate,
  benchPareto,
  benchRounds,
  benchmarkingReading,
];
