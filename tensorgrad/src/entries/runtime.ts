/** `tensorgrad/runtime`: the heap, kernels and how they are chosen, and recording. */
export * from "../00-runtime/index.ts";
export * from "../01-tensor/recording.ts";
