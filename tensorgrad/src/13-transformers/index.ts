/** Module 13: blocks that, stacked, make a transformer. */

export { TransformerBlock, type TransformerBlockOptions } from "./block.ts";
export { FeedForward, type FeedForwardActivation, type FeedForwardOptions } from "./feed-forward.ts";
export { GPT } from "./gpt.ts";
export type { GPTOptions } from "./gpt-options.ts";
export type { Start } from "./gpt-start.ts";
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layer-norm.ts";
export { RMSNorm, type RMSNormOptions, rmsNorm } from "./rms-norm.ts";
export { SelfAttention, type SelfAttentionOptions } from "./self-attention.ts";
