/** Module 07: training loops, and numbers that say how good a model is. */
export type { Batch, Batches } from "./batches.ts";
export { accuracy, ConfusionMatrix, type Metric, predictions } from "./metrics.ts";
export type { PassResult, Position, Progress } from "./progress.ts";
export {
  type EpochResult,
  type EvaluateOptions,
  type FitOptions,
  type Loss,
  type Schedule,
  Trainer,
  type TrainerOptions,
  type TrainResult,
} from "./trainer.ts";
export { turn } from "./turn.ts";
