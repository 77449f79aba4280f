import type { QuestionExercise } from "../../exercise.ts";

export const compressionSizes: QuestionExercise = {
  id: "compression-sizes",
  kind: "predict",
  title: "Bytes and products that are left",
  points: 15,
  part: "systems",
  note: "18-compression#systems-analysis",
  task: `
One layer without a bias: 40 inputs, 25 outputs, float32. Predict what three ways to make it smaller leave.
The check prunes, stores and divides such a layer, and measures.`,
  hints: [
    "Which of the three ways makes the multiplication itself smaller?",
    "Zeros in memory are multiplied like all numbers. A bitmap costs a bit for each element. Rank r leaves two thin matrices.",
    "stored bytes = 4·nonzeros + elements/8; two layers of rank r: r·(40 + 25); it pays below r = 40·25/(40 + 25).",
    "1,000 weights: 100 are left, 4·100 + 125 bytes; multiply-adds of one row: 1,000 as before; rank 10: 10·65; largest r with r·65 < 1,000.",
  ],
  questions: [
    {
      name: "stored",
      ask: "90 % of the weights are 0. How many bytes do a bit for each element and the nonzeros take?",
      unit: "bytes",
    },
    { name: "products", ask: "How many multiply-adds does the pruned layer make for one row?" },
    { name: "lowRank", ask: "Divided in two of rank 10, how many parameters are there?" },
    { name: "largestRank", ask: "Up to which rank does dividing it save parameters?" },
  ],
  mistakes: [
    {
      name: "zeros are skipped, the bitmap is free",
      wrong: { stored: 400, products: 100, lowRank: 650, largestRank: 15 },
      says: "The kernel multiplies zeros like all numbers. And the places of the nonzeros have to be stored, too.",
    },
    {
      name: "one of the two matrices forgotten",
      wrong: { stored: 525, products: 1_000, lowRank: 400, largestRank: 24 },
      says: "A rank leaves two matrices: one from the inputs to r numbers, one from these to the outputs.",
    },
    {
      name: "positions of 32 bits",
      wrong: { stored: 800, products: 1_000, lowRank: 650, largestRank: 15 },
      says: "A bit for each element says which are kept. It is shorter than a position for each of them.",
    },
  ],
};
