/** The Function classes of module 11, for tables of proofs. */
export { Rotate } from "./rotary.ts";
