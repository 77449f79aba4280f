/** Module 06: how gradients change parameters. */
export { Adagrad, type AdagradSettings } from "./adagrad.ts";
export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { clipGradNorm, clipGradValue, gradNorm, type NormOptions, scaleGradients } from "./clip.ts";
export { CombinedOptimizer } from "./combined.ts";
export { checkDirection, type Direction, directionOf, gain } from "./direction.ts";
export { Muon, type MuonSettings, orthogonalize } from "./muon.ts";
export { Optimizer, type OptimizerState, type ParameterGroup, type Parameters } from "./optimizer.ts";
export { type Penalty, penalty, regularize } from "./regularization.ts";
export { RMSprop, type RMSpropSettings } from "./rmsprop.ts";
export { type PlateauOptions, ReduceLROnPlateau } from "./schedules/plateau.ts";
export {
  CosineSchedule,
  LinearWarmup,
  OneCycle,
  type OneCycleOptions,
  type Schedule,
  type ScheduleState,
  StepLR,
} from "./schedules/schedules.ts";
export { SGD, type SGDSettings } from "./sgd.ts";
