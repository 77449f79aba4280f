/** The Function classes of module 17, for tables of proofs. */
export { FakeQuantize } from "./aware.ts";
export { DequantizeLinear, MatMulInteger, QuantizeLinear } from "./graph.ts";
