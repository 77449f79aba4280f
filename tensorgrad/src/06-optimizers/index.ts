/** Module 06: how gradients change parameters. */
export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { Optimizer, type OptimizerState, type ParameterGroup, type Parameters } from "./optimizer.ts";
export type { Schedule } from "./schedules.ts";
export { SGD, type SGDSettings } from "./sgd.ts";
