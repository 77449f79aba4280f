/** Every differentiable (or recordable) operation of module 01: what a table of proofs must cover. */
export { Add, Div, Maximum, Minimum, Mul, Pow, Sub } from "./ops/arithmetic.ts";
export { Cast } from "./ops/cast.ts";
export { Eq, Ge, Gt, Le, Lt, Ne, Where } from "./ops/compare.ts";
export * from "./ops/elementwise.ts";
export { Amax, Amin } from "./ops/extreme.ts";
export { Gather, ScatterAdd } from "./ops/gather.ts";
export { IndexAdd, IndexSelect } from "./ops/index-select.ts";
export { LogicalAnd, LogicalNot, LogicalOr, LogicalXor } from "./ops/logic.ts";
export { MatMul } from "./ops/matmul.ts";
export { Pad } from "./ops/pad.ts";
export { Prod } from "./ops/prod.ts";
export { ArgBest, Max, Min, Sum } from "./ops/reduce.ts";
export { CumSum, Flip } from "./ops/scan.ts";
export { ArgSort } from "./ops/sort.ts";
export { Tril, Triu } from "./ops/triangle.ts";
export {
  Cat,
  Clone,
  Detach,
  Expand,
  Permute,
  Reshape,
  Slice,
  SliceGrad,
} from "./ops/view.ts";
