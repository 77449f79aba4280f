/** Kernels that stay in TypeScript, with the reason. */
const why = "booleans are bytes; WebAssembly has float32 kernels only";
export const withoutSimd = { logicalAnd: why, logicalOr: why, logicalXor: why, logicalNot: why };
