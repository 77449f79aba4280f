/** Module 05: the walk back through the graph. */
export type { BackwardOptions } from "./backward.ts";
export { type GradOptions, grad } from "./grad.ts";
export { noGrad } from "./no-grad.ts";
