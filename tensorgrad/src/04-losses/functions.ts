/** The Function classes of module 04, for tables of proofs. */
export { CrossEntropyRows } from "./cross-entropy.ts";
