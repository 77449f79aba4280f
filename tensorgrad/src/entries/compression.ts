/** `tensorgrad/compression`: pruning, low rank, distillation. Runs in Node and in browsers. */
export * from "../18-compression/index.ts";
