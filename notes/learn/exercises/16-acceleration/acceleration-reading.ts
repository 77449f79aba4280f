import type { QuestionExercise } from "../../exercise.ts";

export const accelerationReading: QuestionExercise = {
  id: "acceleration-reading",
  kind: "read",
  title: "Operations, bytes and registers",
  points: 10,
  part: "reflection",
  note: "16-acceleration#the-rule",
  task: `
Read *By hand first* and *The rule*, then answer for a product of two 256 × 256 matrices in float32.
The last two questions are about the innermost loop.`,
  hints: [
    "How many multiplications and additions does one number of the result take?",
    "The note counts n = 512. Operations grow with n³ and bytes with n². A vector register holds four numbers of float32.",
    "operations = 2·n³; bytes = 3·n²·4; a tile of r rows and c vectors holds r·c sums and loads r + c vectors in each step.",
    "2·256³; divide by 3·256²·4; tile 2 × 4: sums 2·4, loads 2 + 4; a tile 4 × 4: 4·4 sums and 4 + 4 operands against 16 registers.",
  ],
  questions: [
    { name: "operations", ask: "How many operations, multiplications and additions, does the product make?" },
    { name: "perByte", ask: "How many operations a byte are that, to one decimal?" },
    { name: "sums", ask: "How many vector registers hold the sums of a tile of 2 rows × 16 columns?" },
    {
      name: "spilled",
      ask: "A tile of 4 rows × 4 vectors needs how many registers more than the 16 there are, operands included?",
    },
  ],
  mistakes: [
    {
      name: "multiply-adds counted once, one matrix read",
      wrong: { operations: 16_777_216, perByte: 64, sums: 32, spilled: 0 },
      says: "A multiplication and an addition are two operations. Three matrices pass through memory. A register holds four numbers.",
    },
    {
      name: "numbers taken for bytes, operands forgotten",
      wrong: { operations: 33_554_432, perByte: 170.7, sums: 8, spilled: 0 },
      says: "A number of float32 has four bytes. And the operands of a step stand in registers beside the sums.",
    },
  ],
};
