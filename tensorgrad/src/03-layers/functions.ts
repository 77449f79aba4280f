/** The Function classes of module 03, for tables of proofs. */
export { Affine } from "./linear.ts";
