/** Module 04: how wrong a model is, as a number with a gradient. */
export { logSoftmax } from "../02-activations/index.ts";
export {
  BCELoss,
  type BCEOptions,
  BCEWithLogitsLoss,
  type BCEWithLogitsOptions,
  bce,
  bceWithLogits,
} from "./binary-cross-entropy.ts";
export { CosineSimilarity, type CosineSimilarityOptions, cosineSimilarity } from "./cosine-similarity.ts";
export { CrossEntropyLoss, type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
export { HuberLoss, type HuberOptions, huber } from "./huber.ts";
export { KLDivLoss, type KLDivOptions, klDiv } from "./kl-divergence.ts";
export { L1Loss, l1 } from "./l1.ts";
export { MSELoss, mse } from "./mse.ts";
export { decomposedCrossEntropy, NLLLoss, type NLLOptions, nll } from "./nll.ts";
export { PoissonNLLLoss, type PoissonNLLOptions, poissonNLL } from "./poisson-nll.ts";
export type { LossOptions, Reduction } from "./reduction.ts";
export { SmoothL1Loss, type SmoothL1Options, smoothL1 } from "./smooth-l1.ts";
