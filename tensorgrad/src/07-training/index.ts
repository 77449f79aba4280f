/** Module 07: training loops, and numbers that say how good a model is. */
export type { Batch, Batches } from "./batches.ts";
export { BestModel } from "./best-model.ts";
export type { Callback, FitPlan, Json, StepResult } from "./callback.ts";
export { DivergenceError } from "./divergence.ts";
export { EarlyStopping, type EarlyStoppingOptions } from "./early-stopping.ts";
export type { Loss } from "./learner.ts";
export { type FindLrOptions, findLr, type LrCurve } from "./lr-finder.ts";
export { accuracy, ConfusionMatrix, type Metric, perplexity, predictions } from "./metrics.ts";
export type { MonitorOptions } from "./monitor.ts";
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
