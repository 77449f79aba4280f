/** Module 18: smaller models. */
export {
  Distillation,
  DistillationLoss,
  type DistillationOptions,
  type DistillOptions,
  distill,
} from "./distill.ts";
export { type Factored, type LowRankOptions, type LowRankReport, lowRank } from "./low-rank.ts";
export { type MagnitudePruneOptions, magnitudePrune } from "./magnitude-prune.ts";
export { Masks, snapshot } from "./masks.ts";
export { measureSparsity, type ParameterSparsity, type Sparsity } from "./measure-sparsity.ts";
export { fromSparse, type SparseTensor, sparseBytes, toSparse } from "./sparse.ts";
export {
  type Kept,
  type PrunedLayer,
  type StructuredPruneOptions,
  type StructuredPruneReport,
  structuredPrune,
} from "./structured/structured-prune.ts";
export { type SVD, svd } from "./svd.ts";
