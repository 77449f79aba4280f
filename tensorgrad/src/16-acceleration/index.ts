/** Module 16: the same arithmetic in less time. */

export { type CapturedStep, type CaptureOptions, type CaptureReport, capture } from "./capture/capture.ts";
export { CaptureGuards } from "./capture/guards.ts";
export type { ReplayReport } from "./capture/replay.ts";
export { type MixedPrecisionOptions, MixedPrecisionTrainer } from "./mixed-precision.ts";
export { LossScale, type LossScaleOptions } from "./mixed-precision-scale.ts";
export { naiveMatmul, vectorizedMatmul } from "./vectorized.ts";
