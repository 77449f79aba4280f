import type { Exercise } from "../../exercise.ts";

export const embeddingBytes: Exercise = {
  id: "embedding-bytes",
  title: "Predict: bytes of an embedding table",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "11-embeddings#predict-then-measure",
  task:
    "A table has 1,000 tokens and 64 numbers for each, in float32. The ids 7, 3, 7, 9, 3 are looked up, and go backward. " +
    "Say what it takes. The check makes the table and counts.",
  hints: [
    "Which of these depend on the number of ids, and which on the size of the vocabulary?",
    "The gradient has the table's shape, though few rows differ from 0. *Systems analysis* of note 11 counts them.",
    "table = V·D·4 bytes; gradient the same; a one-hot matrix has N·V numbers; learned positions have maxSeqLen·D parameters, sines none",
    "1,000·64·4; the same; 3; 5·1,000·4; 128·64",
  ],
  questions: [
    { name: "table", ask: "The table.", unit: "bytes" },
    { name: "gradient", ask: "Its gradient.", unit: "bytes" },
    { name: "rows", ask: "How many rows of the gradient differ from 0?" },
    { name: "oneHot", ask: "The one-hot matrix of the five ids, if somebody built it.", unit: "bytes" },
    { name: "learned", ask: "Parameters of 128 learned positions of this width." },
  ],
  mistakes: [
    {
      name: "numbers in place of bytes",
      wrong: { table: 64_000, gradient: 64_000, rows: 5, oneHot: 5_000, learned: 128 },
      says: "You have counted numbers. And an id that occurs twice has one row.",
    },
    {
      name: "a gradient of the looked-up rows alone",
      wrong: { table: 256_000, gradient: 1_280, rows: 1_000, oneHot: 320, learned: 0 },
      says: "The gradient has the table's size here, zeros included. A one-hot row is as long as the vocabulary.",
    },
  ],
};
