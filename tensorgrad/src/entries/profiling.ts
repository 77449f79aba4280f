/** `tensorgrad/profiling`: what a program costs, operation by operation and layer by layer. */
export * from "../15-profiling/index.ts";
