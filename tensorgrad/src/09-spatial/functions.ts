/** The Function classes of module 09, for tables of proofs. */

export { Convolution, ConvolutionTransposed, ConvolutionWeight } from "./convolution/convolution.ts";
export { PooledConvolution } from "./convolution/pooled-convolution.ts";
export { BatchNormEval, BatchNormTraining } from "./normalization/batch-norm.ts";
export { NormalizeRows } from "./normalization/normalize-rows.ts";
export { AveragePool, AveragePoolGrad } from "./pooling/average-pool.ts";
export { MaxPool, MaxPoolGrad, MaxPoolTake } from "./pooling/max-pool.ts";
export { Resample, ResampleGrad } from "./resampling/interpolate.ts";
export { FoldColumns, UnfoldColumns } from "./resampling/unfold.ts";
