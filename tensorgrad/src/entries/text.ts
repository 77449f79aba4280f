/** `tensorgrad/text`: tokenizers, from text to ids and back. Runs in Node and in browsers. */
export * from "../10-tokenization/index.ts";
