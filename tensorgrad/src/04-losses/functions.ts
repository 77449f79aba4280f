/** The Function classes of module 04, for tables of proofs. */
export { BinaryCrossEntropy } from "./binary-cross-entropy.ts";
export { CrossEntropyRows } from "./cross-entropy.ts";
