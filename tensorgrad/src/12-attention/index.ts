/** Module 12: attention, by which positions of a sequence look at each other. */
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export { bandMask, causalMask, paddingMask } from "./mask.ts";
export {
  type Heads,
  type LookOptions,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from "./multi-head.ts";
