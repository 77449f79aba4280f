/** What a user needs of module 11: vectors for tokens, and for their positions. */
export type { Offset, PositionOptions } from "./angles.ts";
export { Embedding, type EmbeddingOptions, embedding, type LookupOptions } from "./embedding.ts";
export {
  alibiBias,
  alibiSlopes,
  PositionalEncoding,
  type PositionalEncodingOptions,
} from "./positions.ts";
export { RotaryEmbedding, type RotaryOptions } from "./rotary.ts";
