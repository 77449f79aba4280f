import type { Exercise } from "../../exercise.ts";

export const tokenCounts: Exercise = {
  id: "token-counts",
  title: "Predict: how many tokens a text becomes",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "10-tokenization#predict-then-measure",
  task:
    "One tokenizer has learned nothing: its tokens are the 256 bytes. Another has learned from `hug hug hug pug pug hugs`, as in *By hand first*. " +
    "Say how many ids `encode` gives. The check encodes and counts.",
  hints: [
    "How many bytes does UTF-8 take for each of these characters?",
    "Without merges a token is a byte. *What Unicode costs* in note 10 has the bytes of scripts. *By hand first* has the merges.",
    "UTF-8: code points below 128 take 1 byte, below 2,048 two, below 65,536 three, others four",
    "5; 2 + 4; 3 + 3; ␣hug, ␣pug, s; 256 bytes and five merges",
  ],
  questions: [
    { name: "ascii", ask: 'Bytes alone: "hello".' },
    { name: "emoji", ask: 'Bytes alone: "é😀" (é as one code point).' },
    { name: "chinese", ask: 'Bytes alone: "中文".' },
    { name: "merged", ask: 'With the merges: " hug pugs".' },
    {
      name: "vocabulary",
      ask: "How many ids has the tokenizer that learned, if it merges all pairs that occur twice?",
    },
  ],
  mistakes: [
    {
      name: "characters counted",
      wrong: { ascii: 5, emoji: 2, chinese: 2, merged: 9, vocabulary: 256 },
      says: "You have counted characters. These tokens are bytes, and most characters of the world take more than one.",
    },
    {
      name: "JavaScript's units counted",
      wrong: { ascii: 10, emoji: 3, chinese: 2, merged: 2, vocabulary: 259 },
      says: "`length` counts units of 16 bits. Tokens are bytes of UTF-8. And s is a token, too.",
    },
  ],
};
