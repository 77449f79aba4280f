/** Every differentiable (or recordable) operation of module 01: what a table of proofs must cover. */
export { Add, Div, Maximum, Minimum, Mul, Pow, Sub } from "./ops/arithmetic.ts";
export { Cast } from "./ops/cast.ts";
export { Eq, Ge, Gt, Le, Lt, Ne, Where } from "./ops/compare.ts";
export * from "./ops/elementwise.ts";
export { MatMul } from "./ops/matmul.ts";
export { ArgBest, Max, Min, Sum } from "./ops/reduce.ts";
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
