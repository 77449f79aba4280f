/** The Function classes of module 03, for tables of proofs. */
export { DropoutMask } from "./dropout.ts";
export { Affine } from "./linear.ts";
