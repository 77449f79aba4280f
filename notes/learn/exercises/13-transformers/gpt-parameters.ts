import type { QuestionExercise } from "../../exercise.ts";

export const gptParameters: QuestionExercise = {
  id: "gpt-parameters",
  kind: "predict",
  title: "How many numbers a GPT has",
  points: 15,
  part: "systems",
  note: "13-transformers#by-hand-first",
  task: `
Predict the parameters of \`new GPT({ vocabSize: 50, embedDim: 16, numLayers: 2, numHeads: 2, maxSeqLen: 8 })\`.
The defaults are GPT-2's: lines and norms with biases, learned positions, four times as many numbers inside the feed-forward part, and a
head that is the table of vectors. The check builds the model and counts.`,
  hints: [
    "Which parts of a block have a matrix, and of which shape? Which parts have only a vector?",
    "The note counts milestone 4 by hand. GPT-2 has biases, layer norms and a table of positions besides.",
    "Attention: 4 lines C·C + C. Feed-forward: C·4C + 4C and 4C·C + C. A layer norm: 2·C. Tables: V·C and T·C.",
    "block = 4(C² + C) + (4C² + 4C) + (4C² + C) + 2·2C; whole = layers·block + V·C + T·C + 2C for the last norm; a tied head adds nothing.",
  ],
  questions: [
    { name: "block", ask: "How many parameters has one block?", unit: "parameters" },
    { name: "tables", ask: "How many have the tables of tokens and positions together?", unit: "parameters" },
    { name: "whole", ask: "How many has the whole model?", unit: "parameters" },
    { name: "wideBlock", ask: "How many has one block if embedDim is 32?", unit: "parameters" },
  ],
  mistakes: [
    {
      name: "biases forgotten",
      wrong: { block: 3_104, tables: 928, whole: 7_152, wideBlock: 12_352 },
      says: "You count the matrices and the gains. Every line and every layer norm has a bias, too.",
    },
    {
      name: "a head of its own counted",
      wrong: { block: 3_280, tables: 928, whole: 8_320, wideBlock: 12_704 },
      says: "The head is the table of vectors, read the other way round. It has no numbers of its own.",
    },
    {
      name: "parameters grow like the width",
      wrong: { block: 3_280, tables: 800, whole: 7_392, wideBlock: 6_560 },
      says: "Twice the width gives matrices four times as large. And positions have a table, too.",
    },
  ],
};
