import type { Exercise } from "../../exercise.ts";
import { accumulationShare } from "./accumulation-share.ts";
import { checkpointBytes } from "./checkpoint-bytes.ts";
import { clipFindOrder } from "./clip-find-order.ts";
import { earlyStoppingBest } from "./early-stopping-best.ts";
import { readTraining } from "./read-training.ts";

/** Module 07, in the order in which to do them. */
export const exercises: readonly Exercise[] = [
  earlyStoppingBest,
  accumulationShare,
  clipFindOrder,
  checkpointBytes,
  readTraining,
];
