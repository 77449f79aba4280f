/** `tensorgrad/text/node`: tokenizers in files. Node only. */
export * from "../../10-tokenization/node.ts";
