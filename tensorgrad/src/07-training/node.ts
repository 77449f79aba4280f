/** The part of module 07 that needs Node. */
export { type CheckpointInfo, loadCheckpoint, type SaveOptions, saveCheckpoint } from "./checkpoint.ts";
export { Checkpoints, type CheckpointsOptions } from "./checkpoints.ts";
export { type ConfigOptions, loadConfig } from "./config.ts";
export { type Curve, type CurvesOptions, curvesSvg } from "./curves.ts";
export { type Environment, environment } from "./environment.ts";
export { Experiment, type ExperimentOptions } from "./experiment.ts";
export { Interrupt, type InterruptOptions } from "./interrupt.ts";
export { type Display, type DisplayOptions, progressDisplay } from "./progress-display.ts";
export { type Difference, type Replay, replay } from "./replay.ts";
export {
  type BestValue,
  type Comparison,
  compareRuns,
  findRun,
  listRuns,
  type Run,
  type RunSummary,
  type Unreadable,
} from "./runs.ts";
export { loadTensors, saveTensors } from "./tensor-file.ts";
export { EventFile } from "./tensorboard.ts";
export type { StatefulLoader, StatefulOptimizer, Training } from "./training.ts";
export { makeOptimizer, makeSchedule, type TrainingConfig, trainingSchema } from "./training-config.ts";
