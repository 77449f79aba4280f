import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "softmax-backward",
  title: "The gradient of softmax without its Jacobian",
  kind: "derive",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/02-activations/softmax.ts",
  note: "02-activations#the-rule",
  task: "Every score of a row moves every probability of that row. Derive ∂y_i/∂x_j by hand, for i = j and for i ≠ j. Multiply with g and sum over i: one sum per row is left. Write `backward`: from g, of the shape of y, to the gradient of x. The result y is in `this.#y`. Use tensor operations, so that it can be differentiated again. While nothing is recorded, `gradByRow` may do the same in one pass: an option, not a must.",
  hints: [
    "The probabilities of a row sum to 1. What must the gradients of its scores sum to?",
    "∂y_i/∂x_j = y_i·(1 − y_i) for i = j, and −y_i·y_j otherwise.",
    "dx = y·(g − Σ_i g_i·y_i), the sum along the last dim of each row",
    "gy ← g · y; total ← sum of gy along the last dim, kept as a dim of size 1; dx ← gy − y · total; return a list with dx",
  ],
  mistakes: [
    {
      name: "without the sum term",
      wrong: `    const y = this.#y;
    const gy = g.mul(y);
    return [gy];`,
      says: "A score also lowers the other probabilities of its row. That is the second term.",
      fault: "softmax: without the sum term",
    },
    {
      name: "the sum of g instead of g·y",
      wrong: `    const y = this.#y;
    const gy = g.mul(y);
    return [gy.sub(y.mul(g.sum(-1, { keepDim: true })))];`,
      says: "Each part of the sum comes with its own probability. Look at −y_i·y_j again.",
    },
    {
      name: "one sum for all rows",
      wrong: `    const y = this.#y;
    const gy = g.mul(y);
    return [gy.sub(y.mul(gy.sum()))];`,
      says: "The rows of a batch were mixed. Scores of one row do not move another row.",
    },
  ],
};
