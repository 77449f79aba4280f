/** Module 10: text becomes numbers, by characters or by pieces of words. */
export { BPETokenizer, type DecodeOptions, type EncodeOptions, type TrainOptions } from "./bpe.ts";
export { CharTokenizer, type CharTokenizerOptions } from "./characters.ts";
export type { Merge } from "./merges.ts";
export { words } from "./pretokenize.ts";
export type { Tokenizer } from "./tokenizer.ts";
export type { Vocabulary } from "./vocabulary.ts";
