import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "autograd-read",
  title: "Read: leaves, second derivatives, checkpoints",
  kind: "read",
  points: 10,
  part: "reflection",
  note: "05-autograd#five-questions",
  task: "Read *By hand first*, *The rule*, *Systems analysis* and the five questions of note 05. Then answer with numbers.",
  hints: [
    "What does a leaf's gradient hold after two calls of backward?",
    "A gradient is computed with operations, which can be differentiated again. Checkpoints stand after every √n of n layers.",
    "(x²)′ = 2x, once per call; (x³)″ = 6x; √n",
    "twice ← 2 · (2 · 3); second ← 6 · 2; segment ← √64; hand ← xᵀ·g at row 1, column 0",
  ],
  mistakes: [
    {
      name: "the second call starts anew",
      wrong: { twice: 6 },
      says: "Leaves collect. Only `zeroGrad()` or a new leaf starts from nothing.",
    },
    {
      name: "the first derivative again",
      wrong: { second: 12.5, segment: 32 },
      says: "Differentiate 3x² once more. Checkpoints balance what is kept and what is computed again.",
    },
    {
      name: "x and its place mixed up",
      wrong: { hand: 1 },
      says: "w's gradient is xᵀ·g. Row 1 belongs to x's second number.",
    },
  ],
  questions: [
    { name: "hand", ask: "x = [1, 2], as in *By hand first*: what is w's gradient in row 1, column 0?" },
    { name: "twice", ask: "x² at x = 3: what is x.grad after two calls of backward with `retainGraph`?" },
    { name: "second", ask: "What is the second derivative of x³ at 2?" },
    { name: "segment", ask: "64 layers with checkpoints after every √n: how many layers has a segment?" },
  ],
};
