/** Module 13: blocks that, stacked, make a transformer. */
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layer-norm.ts";
