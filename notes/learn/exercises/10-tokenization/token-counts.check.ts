import { BPETokenizer } from "tensorgrad/text";
import { asked } from "../compare.ts";

const inBytes = (text: string) => () => BPETokenizer.train("", { vocabSize: 256 }).encode(text).length;
const hugs = () => BPETokenizer.train("hug hug hug pug pug hugs");

export const { checks, solution } = asked({
  ascii: ["English letters in bytes", inBytes("hello")],
  emoji: ["an accent and an emoji in bytes", inBytes("é😀")],
  chinese: ["two Chinese characters in bytes", inBytes("中文")],
  merged: ["two words with merges", () => hugs().encode(" hug pugs").length],
  vocabulary: ["ids of the tokenizer", () => hugs().vocabSize],
});
