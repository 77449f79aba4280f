/** Module 02: bends between linear layers. */
export { Activation } from "./activation.ts";
export { CELU, type CELUOptions, celu } from "./celu.ts";
export { ELU, type ELUOptions, elu } from "./elu.ts";
export { GELU, type GELUOptions, gelu } from "./gelu.ts";
export { Hardtanh, type HardtanhOptions, hardtanh } from "./hardtanh.ts";
export { LeakyReLU, type LeakyReLUOptions, leakyRelu } from "./leaky-relu.ts";
export * from "./plain.ts";
export { LogSoftmax, logSoftmax, Softmax, softmax } from "./softmax.ts";
export { Softplus, type SoftplusOptions, softplus } from "./softplus.ts";
