/** The Function classes of module 12, for tables of proofs. */
export { Attention } from "./attention.ts";
