/** Every differentiable (or recordable) operation of module 01: what a table of proofs must cover. */

export { Gather, ScatterAdd } from "./ops/indexing/gather.ts";
export { IndexAdd, IndexSelect } from "./ops/indexing/index-select.ts";
export { ArgSort } from "./ops/indexing/sort.ts";
export { Add, Atan2, Div, Fmod, Maximum, Minimum, Mul, Pow, Sub } from "./ops/pointwise/arithmetic.ts";
export { Cast } from "./ops/pointwise/cast.ts";
export { Eq, Ge, Gt, Le, Lt, Ne, Where } from "./ops/pointwise/compare.ts";
export * from "./ops/pointwise/elementwise.ts";
export { LogicalAnd, LogicalNot, LogicalOr, LogicalXor } from "./ops/pointwise/logic.ts";
export * from "./ops/pointwise/transcendental.ts";
export { MatMul } from "./ops/products/matmul.ts";
export { Amax, Amin, ArgBest, Max, Min } from "./ops/reduce/extreme.ts";
export { Prod } from "./ops/reduce/prod.ts";
export { Recurrence } from "./ops/reduce/recurrence.ts";
export { Sum } from "./ops/reduce/reduce.ts";
export { CumSum, Flip } from "./ops/reduce/scan.ts";
export { Cat } from "./ops/shape/cat.ts";
export { Clone } from "./ops/shape/clone.ts";
export { Diagonal } from "./ops/shape/diagonal.ts";
export { Pad } from "./ops/shape/pad.ts";
export { Detach, Expand, Permute, Reshape } from "./ops/shape/reshape.ts";
export { Slice, SliceGrad } from "./ops/shape/slice.ts";
export { Tril, Triu } from "./ops/shape/triangle.ts";
