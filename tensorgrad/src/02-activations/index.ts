/** Module 02: bends between linear layers. */
export { Activation } from "./activation.ts";
export { ELU, type ELUOptions, elu } from "./elu.ts";
export { GELU, type GELUOptions, gelu } from "./gelu.ts";
export { LeakyReLU, type LeakyReLUOptions, leakyRelu } from "./leaky-relu.ts";
export * from "./plain.ts";
export { LogSoftmax, logSoftmax, Softmax, softmax } from "./softmax.ts";
export { Softplus, type SoftplusOptions, softplus } from "./softplus.ts";
