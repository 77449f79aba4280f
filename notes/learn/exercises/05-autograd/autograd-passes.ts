import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "autograd-passes",
  title: "How many products does backward need?",
  kind: "predict",
  points: 15,
  part: "systems",
  note: "05-autograd#systems-analysis",
  task: "Three dense layers follow each other, with activations between them. The forward pass needs three matrix products. Say how many the backward pass needs: if the input asks for no gradient, as data do, and if it asks for one. Say also how many bytes the Jacobian of x·W by W would have, with x [4, 8], W [8, 6], in float32. The check counts calls of `matmul` while backward runs.",
  hints: [
    "Which gradients does a product hand on, and to whom?",
    "One product backward per factor. The first layer's input is a factor, too.",
    "backward = Σ over layers of (1 for W, 1 for x if it is needed); Jacobian = (elements of the result) · (elements of W) numbers",
    "data ← 3 · 2 − 1; withInput ← 3 · 2; jacobian ← (4 · 6) · (8 · 6) · 4",
  ],
  mistakes: [
    {
      name: "one product per layer",
      wrong: { data: 3, withInput: 3 },
      says: "A product depends on both factors. Each one has a gradient, and each gradient is a product.",
    },
    {
      name: "the input's gradient is always computed",
      wrong: { data: 6 },
      says: "Nobody wants the gradient of the data. The engine leaves it out.",
    },
    {
      name: "the size of the gradient instead of the Jacobian's",
      wrong: { jacobian: 192 },
      says: "That is the gradient of W. The Jacobian has a row for each element of the result.",
    },
  ],
  questions: [
    { name: "data", ask: "Products in backward if the input asks for no gradient?" },
    { name: "withInput", ask: "Products in backward if the input asks for one?" },
    { name: "jacobian", ask: "Bytes of the Jacobian of x·W by W?", unit: "bytes" },
  ],
};
