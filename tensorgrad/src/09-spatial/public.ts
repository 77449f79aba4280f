/** What a user needs of module 09: layers that know that an image has height and width. */

export {
  Conv1d,
  Conv2d,
  type Conv2dOptions,
  ConvTranspose2d,
  type ConvTranspose2dOptions,
  type PaddingMode,
} from "./convolution/conv-layers.ts";
export { convTranspose2d } from "./convolution/conv-transpose2d.ts";
export { conv1d } from "./convolution/conv1d.ts";
export { conv2d } from "./convolution/conv2d.ts";
export { Dropout2d } from "./dropout2d.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  type BatchNormLayerOptions,
  type BatchNormOptions,
  batchNorm,
} from "./normalization/batch-norm-layers.ts";
export { foldBatchNorm } from "./normalization/fold.ts";
export {
  GroupNorm,
  type GroupNormOptions,
  groupNorm,
  InstanceNorm2d,
  type InstanceNormOptions,
  instanceNorm,
} from "./normalization/group-norm.ts";
export {
  type AveragePoolOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  type LineOptions,
  maxPool1d,
  maxPool2d,
} from "./pooling/pool.ts";
export {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  MaxPool1d,
  MaxPool2d,
} from "./pooling/pool-layers.ts";
export type { OutputSize, SlideOptions } from "./pooling/windows.ts";
export { type InterpolateOptions, interpolate, Upsample } from "./resampling/interpolate.ts";
export { fold, type UnfoldOptions, unfold } from "./resampling/unfold.ts";
export { BasicBlock, ResNet, type ResNetOptions } from "./resnet.ts";
