/** The Function classes of module 13, for tables of proofs. */
export { LayerNormRows } from "./layer-norm.ts";
export { RMSNormRows } from "./rms-norm.ts";
