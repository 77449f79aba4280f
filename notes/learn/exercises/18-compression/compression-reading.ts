import type { QuestionExercise } from "../../exercise.ts";

export const compressionReading: QuestionExercise = {
  id: "compression-reading",
  kind: "read",
  title: "What goes, and what that costs",
  points: 10,
  part: "reflection",
  note: "18-compression#the-rule",
  task: `
Read *By hand first* and *The rule*, then answer. The check removes singular values, and evaluates the formulas of the note.`,
  hints: [
    "A convolution between two halved layers loses on both sides. How much is left?",
    "The error of a low rank is the root of the sum of the squares that are left out. Without T², the gradient of the teacher's part falls like 1/T².",
    "products: ½·½; error = √(Σ of the squares left out/Σ of all squares); weight of the teacher: 1/T².",
    "0.25; singular values 4, 2, 1 and rank 1: √((4 + 1)/(16 + 4 + 1)); T = 4: 1/16.",
  ],
  questions: [
    {
      name: "products",
      ask: "Both neighbours lose half of their channels. What share of the products is left?",
    },
    {
      name: "error",
      ask: "A matrix has the singular values 4, 2 and 1. Which share of it is lost at rank 1, ‖W − W′‖/‖W‖, to two decimals?",
    },
    { name: "teacher", ask: "T² is forgotten at T = 4. Which share of its weight is left to the teacher?" },
  ],
  mistakes: [
    {
      name: "halved once, values in place of squares",
      wrong: { products: 0.5, error: 0.43, teacher: 0.25 },
      says: "Filters and the channels that they read are both halved. The energy of a matrix is the sum of squares. T counts twice.",
    },
    {
      name: "squares without the root",
      wrong: { products: 0.25, error: 0.24, teacher: 0.0625 },
      says: "‖W − W′‖ is a length: the root of the sum of squares.",
    },
  ],
};
