/** `tensorgrad/train`: the trainer and its metrics. Runs in Node and in browsers. */
export {
  accuracy,
  type Batch,
  type Batches,
  ConfusionMatrix,
  type EpochResult,
  type EvaluateOptions,
  type FitOptions,
  type Loss,
  type Metric,
  type PassResult,
  type Position,
  type Progress,
  predictions,
  Trainer,
  type TrainerOptions,
  type TrainResult,
} from "./07-training/index.ts";
