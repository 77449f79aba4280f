/** The Function classes of module 02, for tables of proofs. */
export { LogSoftmaxRows, SoftmaxRows } from "./softmax.ts";
