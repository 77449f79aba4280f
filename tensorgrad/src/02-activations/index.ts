/** Module 02: bends between linear layers. */
export { Activation } from "./activation.ts";
export { GELU, type GELUOptions, gelu } from "./gelu.ts";
export { ReLU, relu } from "./relu.ts";
export { Sigmoid, sigmoid } from "./sigmoid.ts";
export { SiLU, silu } from "./silu.ts";
export { logSoftmax, Softmax, softmax } from "./softmax.ts";
export { Tanh, tanh } from "./tanh.ts";
