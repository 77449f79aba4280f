/** The part of module 07 that needs Node. */

export { type Curve, type CurvesOptions, curvesSvg } from "../plots/index.ts";
export { Interrupt, type InterruptOptions } from "./callbacks/interrupt.ts";
export {
  type CheckpointInfo,
  loadCheckpoint,
  type SaveOptions,
  saveCheckpoint,
} from "./checkpoints/checkpoint.ts";
export { type CheckpointWeights, checkpointWeights } from "./checkpoints/checkpoint-weights.ts";
export { Checkpoints, type CheckpointsOptions } from "./checkpoints/checkpoints.ts";
export { loadTensors, saveTensors } from "./checkpoints/tensor-file.ts";
export { type ConfigOptions, loadConfig } from "./config/config.ts";
export {
  makeOptimizer,
  makeSchedule,
  type TrainingConfig,
  trainingSchema,
} from "./config/training-config.ts";
export { type Environment, environment } from "./experiments/environment.ts";
export { Experiment, type ExperimentOptions } from "./experiments/experiment.ts";
export { type Difference, type Replay, replay, replayed } from "./experiments/replay.ts";
export { runPage } from "./experiments/run-page.ts";
export {
  type BestValue,
  type Comparison,
  compareRuns,
  findRun,
  listRuns,
  type Run,
  type RunSummary,
  summarizeRun,
  type Unreadable,
} from "./experiments/runs.ts";
export { EventFile } from "./experiments/tensorboard.ts";
export { type Display, type DisplayOptions, progressDisplay } from "./progress-display.ts";
export type { StatefulLoader, StatefulOptimizer, Training } from "./training.ts";
export { decodeNpy, encodeNpy } from "./weights/npy.ts";
export { decodeNpz, encodeNpz } from "./weights/npz.ts";
export { decodePt } from "./weights/pytorch.ts";
export { loadArrays, loadPt, saveArrays } from "./weights/weight-files.ts";
