/** Module 03: modules, which hold parameters and other modules. */
export { CallWatch, isWatchingCalls, watchCalls } from "./calls.ts";
export { Dropout, DropoutMask, dropoutMask } from "./dropout.ts";
export { evaluating } from "./evaluating.ts";
export { Flatten } from "./flatten.ts";
export * as init from "./init.ts";
export { expectModule, type Fusion, isPlain, type Layer } from "./layer.ts";
export { Affine, Linear, type LinearOptions, linear } from "./linear.ts";
export { layersOf, Module } from "./module.ts";
export { Parameter } from "./parameter.ts";
export { replaceLayers } from "./replace.ts";
export { Residual } from "./residual.ts";
export { Sequential } from "./sequential.ts";
