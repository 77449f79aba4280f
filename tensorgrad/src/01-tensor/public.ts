/** What a user needs of module 01: tensors, and what makes, joins and extends them. */
export { autocast } from "./autocast.ts";
export {
  arange,
  eye,
  fromArray,
  fromBits,
  full,
  linspace,
  ones,
  onesLike,
  type RandomOptions,
  rand,
  randint,
  randn,
  randperm,
  tensor,
  zeros,
  zerosLike,
} from "./create.ts";
export { Function, type Gradient } from "./function.ts";
export type { Index } from "./ops/indexing/advanced.ts";
export { einsum } from "./ops/products/einsum.ts";
export { cat, stack } from "./ops/shape/cat.ts";
export type { TensorData } from "./parse.ts";
export type { Shape } from "./shape.ts";
export { Tensor, type TensorOptions } from "./tensor.ts";
