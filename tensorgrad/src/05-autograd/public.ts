/** What a user needs of module 05: gradients, and what helps to find and to check them. */

import "./backward.ts"; // gives tensors their method

export { detectAnomaly } from "./anomaly.ts";
export type { BackwardOptions } from "./backward.ts";
export { checkpoint } from "./checkpoint.ts";
export * as differences from "./differences.ts";
export { type GradOptions, grad } from "./grad.ts";
export { type GradcheckOptions, gradcheck, gradgradcheck } from "./gradcheck.ts";
export { type GraphOptions, toDot, toSvg } from "./graph.ts";
export { noGrad } from "./no-grad.ts";
