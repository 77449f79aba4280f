/** Module 16: the same arithmetic in less time. */

export { type MixedPrecisionOptions, MixedPrecisionTrainer } from "./mixed-precision.ts";
export { LossScale, type LossScaleOptions } from "./mixed-precision-scale.ts";
