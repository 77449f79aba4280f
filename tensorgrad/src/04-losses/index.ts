/** Module 04: how wrong a model is, as a number with a gradient. */
export { logSoftmax } from "../02-activations/index.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  type BCEWithLogitsOptions,
  bce,
  bceWithLogits,
} from "./binary-cross-entropy.ts";
export { CrossEntropyLoss, type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
export { HuberLoss, type HuberOptions, huber } from "./huber.ts";
export { KLDivLoss, type KLDivOptions, klDiv } from "./kl-divergence.ts";
export { L1Loss, l1 } from "./l1.ts";
export { MSELoss, mse } from "./mse.ts";
export { decomposedCrossEntropy, NLLLoss, type NLLOptions, nll } from "./nll.ts";
export type { LossOptions, Reduction } from "./reduction.ts";
