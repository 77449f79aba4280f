/** The part of module 07 that needs Node. */
export { type CheckpointInfo, loadCheckpoint, type SaveOptions, saveCheckpoint } from "./checkpoint.ts";
export { Checkpoints, type CheckpointsOptions } from "./checkpoints.ts";
export { type ConfigOptions, loadConfig } from "./config.ts";
export { Interrupt, type InterruptOptions } from "./interrupt.ts";
export { type Display, type DisplayOptions, progressDisplay } from "./progress-display.ts";
export { loadTensors, saveTensors } from "./tensor-file.ts";
export type { StatefulLoader, StatefulOptimizer, Training } from "./training.ts";
export { makeOptimizer, makeSchedule, type TrainingConfig, trainingSchema } from "./training-config.ts";
