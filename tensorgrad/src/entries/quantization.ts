/** `tensorgrad/quantization`: tensors, layers and models of 8-bit integers. Runs in Node and in browsers. */
export * from "../17-quantization/index.ts";
