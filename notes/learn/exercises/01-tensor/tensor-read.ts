import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-read",
  title: "Read: places, shapes and operations in numbers",
  kind: "read",
  points: 10,
  part: "reflection",
  note: "01-tensor#five-questions",
  task: "Read *By hand first*, *The rule* and the five questions of note 01. Then answer with numbers.",
  hints: [
    "Which dims of the two shapes meet?",
    "A gradient has the shape of its tensor. A matrix product needs a multiplication and an addition per pair.",
    "place = i·strides[0] + j·strides[1]; flops = 2·M·K·N",
    "place ← 1·3 + 1·1; align [64, 1, 28] with [32, 1] at the end and multiply the sizes; the gradient of y has y's elements; flops ← 2 · 64 · 784 · 128",
  ],
  mistakes: [
    {
      name: "column by column",
      wrong: { place: 3 },
      says: "Elements lie row by row. One row on is three elements in a matrix of three columns.",
    },
    {
      name: "the gradient not summed back",
      wrong: { gradient: 57344 },
      says: "A gradient has the shape of its tensor. Sum over the dims that were stretched.",
    },
    {
      name: "additions forgotten, and shapes added up",
      wrong: { elements: 1824, flops: 6422528 },
      says: "Each product is also added to a sum. Elements of a shape are the product of its sizes.",
    },
  ],
  questions: [
    { name: "place", ask: "x is [2, 3], row-major, offset 0. At which place of the storage is x[1, 1]?" },
    { name: "elements", ask: "x is [64, 1, 28], y is [32, 1]. How many elements has x + y?" },
    { name: "gradient", ask: "How many elements has the gradient of y?" },
    { name: "flops", ask: "How many operations is a product of [64, 784] with [784, 128]?", unit: "flops" },
  ],
};
