/** Kernels that stay in TypeScript, with the reason. */
const why = "the loops that define a convolution; float32 computes the same in pieces";
export const withoutSimd = { conv2d: why, conv2dTransposed: why, conv2dWeight: why };
