/** Module 07: training loops, and numbers that say how good a model is. */
export type { Batch, Batches } from "./batches.ts";
export { BestModel } from "./callbacks/best-model.ts";
export type { Callback, FitPlan, Json, StepResult } from "./callbacks/callback.ts";
export { EarlyStopping, type EarlyStoppingOptions } from "./callbacks/early-stopping.ts";
export type { MonitorOptions } from "./callbacks/monitor.ts";
export {
  decodeTensors,
  describeTensors,
  encodeTensors,
  type TensorFile,
  type TensorInfo,
} from "./checkpoints/safetensors.ts";
export type { TrainerState } from "./checkpoints/trainer-state.ts";
export { DivergenceError, type When } from "./divergence.ts";
export { type FindLrOptions, findLr, type LrCurve } from "./lr-finder.ts";
export { accuracy, ConfusionMatrix, type Metric, perplexity, predictions } from "./metrics.ts";
export {
  type Criterion,
  type EvaluateOptions,
  type FitOptions,
  TRAINER_OPTIONS,
  type TrainerOptions,
} from "./options.ts";
export type { Precision } from "./precision.ts";
export type { EpochResult, PassResult, Position, Progress, TrainResult } from "./progress.ts";
export type { Ranks } from "./ranks.ts";
export { Trainer } from "./trainer.ts";
export { turn } from "./turn.ts";
