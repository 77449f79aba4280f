/**
 * tensorgrad: tensors that remember how they were computed.
 *
 * Read in this order: 00-runtime, 01-tensor, 02-activations, …; each folder's index says what it is for.
 */

// memory, randomness, errors
export {
  DisposedError,
  type DType,
  defaultRandom,
  FormatError,
  GradientError,
  HeapError,
  heap,
  manualSeed,
  Random,
  type RandomState,
  type Scope,
  ShapeError,
  scope,
} from "./00-runtime/index.ts";
// tensors
export {
  arange,
  cat,
  einsum,
  eye,
  Function,
  fromArray,
  full,
  type Gradient,
  linspace,
  ones,
  onesLike,
  rand,
  randint,
  randn,
  randperm,
  type Shape,
  stack,
  Tensor,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./01-tensor/index.ts";
// gradients
export {
  type BackwardOptions,
  checkpoint,
  detectAnomaly,
  type GradcheckOptions,
  type GradOptions,
  type GraphOptions,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  toDot,
  toSvg,
} from "./05-autograd/index.ts";
