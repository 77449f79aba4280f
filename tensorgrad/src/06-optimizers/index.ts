/** Module 06: how gradients change parameters. */
export { Adagrad, type AdagradSettings } from "./adagrad.ts";
export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { Adadelta, type AdadeltaSettings } from "./adaptive/adadelta.ts";
export { Adamax, type AdamaxSettings } from "./adaptive/adamax.ts";
export { NAdam, type NAdamSettings, RAdam, type RAdamSettings } from "./adaptive/moments.ts";
export { clipGradNorm, clipGradValue, gradNorm, type NormOptions, scaleGradients } from "./clip.ts";
export { CombinedOptimizer } from "./combined.ts";
export { Muon, type MuonSettings, orthogonalize } from "./muon/muon.ts";
export {
  type Move,
  type Moving,
  Optimizer,
  type OptimizerState,
  type ParameterGroup,
  type Parameters,
} from "./optimizer.ts";
export { type Penalty, penalty, regularize } from "./regularization.ts";
export { RMSprop, type RMSpropSettings } from "./rmsprop.ts";
export {
  ConstantLR,
  CosineAnnealingWarmRestarts,
  ExponentialLR,
  MultiStepLR,
  PolynomialLR,
} from "./schedules/decays.ts";
export { checkDirection, type Direction, directionOf, gain } from "./schedules/direction.ts";
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
