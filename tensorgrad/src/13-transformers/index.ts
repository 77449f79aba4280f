/** Module 13: blocks that, stacked, make a transformer. */
export * from "./public.ts";
export { pick, samplingOf } from "./sampling.ts";
