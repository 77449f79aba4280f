/** Module 04: how wrong a model is, as a number with a gradient. */
export { logSoftmax } from "../02-activations/index.ts";
export { CrossEntropyLoss, type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
export { MSELoss, mse } from "./mse.ts";
export type { Reduction } from "./reduction.ts";
