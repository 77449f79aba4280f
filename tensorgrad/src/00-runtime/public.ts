/** What a user needs of module 00: memory, randomness, errors. */
export type { DType } from "./dtype.ts";
export { DisposedError, FormatError, GradientError, HeapError, ShapeError } from "./errors.ts";
export { heap } from "./memory/heap.ts";
export { type Scope, scope } from "./memory/scope.ts";
export { defaultRandom, manualSeed, Random, type RandomState } from "./random/random.ts";
