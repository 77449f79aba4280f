/** The part of module 10 that needs Node: tokenizers in files. */
export { loadTokenizer, saveTokenizer } from "./tokenizer-file.ts";
