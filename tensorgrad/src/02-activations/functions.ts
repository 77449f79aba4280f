/** The Function classes of module 02, for tables of proofs. */
export { Hardtanh } from "./held.ts";
export { Elu, LeakyRelu, ReluSquared, Softplus } from "./piecewise.ts";
export { LogSoftmaxRows, SoftmaxRows } from "./softmax.ts";
