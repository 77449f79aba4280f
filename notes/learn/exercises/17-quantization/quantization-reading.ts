import type { QuestionExercise } from "../../exercise.ts";

export const quantizationReading: QuestionExercise = {
  id: "quantization-reading",
  kind: "read",
  title: "Integers, sums and depth",
  points: 10,
  part: "reflection",
  note: "17-quantization#the-rule",
  task: `
Read *By hand first* and *The rule*, then answer. The check quantizes, and evaluates the formulas of the note.`,
  hints: [
    "How many steps lie between 0 and the largest number of a symmetric scale?",
    "Integers are rounded quotients. Products of bytes fit in 16 bits, and their sums grow with the number of inputs. Errors of layers are independent.",
    "q = round(x·127/max|x|); largest sum = K·127·127; relative error over L layers ∝ √L.",
    "0.7·127/1; 1000·127²; √16 against √1.",
  ],
  questions: [
    { name: "integer", ask: "quantizeInt8([-1, 0.7, 1]): which integer stands for 0.7?" },
    {
      name: "largestSum",
      ask: "Inputs are at most 127, weights too. What is the largest sum of 1,000 products?",
    },
    { name: "growth", ask: "By the rule, how many times the relative error of one layer do 16 layers have?" },
  ],
  mistakes: [
    {
      name: "128 steps, errors that add up",
      wrong: { integer: 90, largestSum: 16_384_000, growth: 16 },
      says: "A symmetric scale has 127 steps to each side. Independent errors add up like the root of their number.",
    },
    {
      name: "one byte for the sum, no growth",
      wrong: { integer: 89, largestSum: 127_000, growth: 1 },
      says: "A product of two bytes is as large as 127·127. And every layer adds an error of its own.",
    },
  ],
};
