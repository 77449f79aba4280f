/** What a user needs of module 13: blocks that, stacked, make a transformer. */

export { TransformerBlock, type TransformerBlockOptions } from "./block.ts";
export { FeedForward, type FeedForwardActivation, type FeedForwardOptions } from "./feed-forward.ts";
export type { GenerateOptions, NewToken, StreamOptions } from "./generate.ts";
export { GPT } from "./gpt.ts";
export type { GPTOptions } from "./gpt-options.ts";
export type { Start } from "./gpt-start.ts";
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layer-norm.ts";
export type { LayerPast, Past } from "./past.ts";
export type { Continued, Prompt } from "./prompts.ts";
export { RMSNorm, type RMSNormOptions, rmsNorm } from "./rms-norm.ts";
export type { SamplingOptions } from "./sampling.ts";
export { SelfAttention, type SelfAttentionOptions } from "./self-attention.ts";
