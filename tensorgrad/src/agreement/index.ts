/** The table of kernels, and how far each may be from its reference. */
export { type Implementation, type KernelReport, runKernelCase } from "./agreement.ts";
export { type KernelCase, kernelCases, REFERENCES, WITHOUT_SIMD } from "./cases.ts";
