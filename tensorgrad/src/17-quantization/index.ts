/** Module 17: numbers as integers of 8 bits, and layers that compute with them. */
export { dequantize, type Quantized, type QuantizeOptions, quantizeInt8 } from "./affine.ts";
export { quantizationAware } from "./aware.ts";
export type { CalibrationMethod } from "./calibration.ts";
export { QuantizedConv2d } from "./conv2d.ts";
export { QuantizedEmbedding } from "./embedding.ts";
export type { InputOptions, InputScale, Range } from "./inputs.ts";
export { QuantizedLinear } from "./linear.ts";
export { type CalibrationBatch, type QuantizeModelOptions, quantizeModel } from "./quantize-model.ts";
