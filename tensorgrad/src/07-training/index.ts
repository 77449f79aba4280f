/** Module 07: training loops, and numbers that say how good a model is. */
export type { Batch, Batches } from "./batches.ts";
export type { Callback, FitPlan, Json, StepResult } from "./callback.ts";
export type { Loss } from "./learner.ts";
export { accuracy, ConfusionMatrix, type Metric, predictions } from "./metrics.ts";
export type { EpochResult, PassResult, Position, Progress, TrainResult } from "./progress.ts";
export { decodeTensors, encodeTensors, type TensorFile } from "./safetensors.ts";
export {
  type EvaluateOptions,
  type FitOptions,
  Trainer,
  type TrainerOptions,
} from "./trainer.ts";
export type { TrainerState } from "./trainer-state.ts";
export { turn } from "./turn.ts";
