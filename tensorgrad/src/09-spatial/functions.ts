/** The Function classes of module 09, for tables of proofs. */
export { AveragePool, AveragePoolGrad } from "./average-pool.ts";
export { BatchNormEval, BatchNormTraining } from "./batch-norm.ts";
export { Convolution, ConvolutionTransposed, ConvolutionWeight } from "./convolution.ts";
export { Resample, ResampleGrad } from "./interpolate.ts";
export { MaxPool, MaxPoolGrad, MaxPoolTake } from "./max-pool.ts";
export { NormalizeRows } from "./normalize-rows.ts";
export { FoldColumns, UnfoldColumns } from "./unfold.ts";
