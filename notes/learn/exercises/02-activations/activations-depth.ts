import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "activations-depth",
  title: "What is left of a gradient after ten activations?",
  kind: "predict",
  points: 15,
  part: "systems",
  note: "02-activations#systems-analysis",
  task: "A gradient of 1 goes back through ten activations whose inputs are all 0, where sigmoid and tanh are steepest. Say what arrives, for each of the two. Say also how many bytes the result of a ReLU keeps for backward: its input is [256, 1024] in float32. The check sends the gradient through the rules and measures the heap.",
  hints: [
    "How steep is each function at 0?",
    "Slopes multiply on the way back: see *By hand first* in note 02.",
    "sigmoid′ = y·(1 − y), tanh′ = 1 − y²; ten equal slopes s give s¹⁰",
    "sigmoid ← (1/4)¹⁰; tanh ← 1¹⁰; bytes ← 256 · 1024 · 4",
  ],
  mistakes: [
    {
      name: "slopes added up",
      wrong: { sigmoid: 2.5, tanh: 10 },
      says: "Activations follow each other. The chain rule multiplies their slopes.",
    },
    {
      name: "the value taken for the slope",
      wrong: { sigmoid: 0.0009765625, tanh: 0 },
      says: "That is the function's value at 0. What backward multiplies with is the slope there.",
    },
    {
      name: "elements taken for bytes",
      wrong: { bytes: 262144 },
      says: "You counted elements. Each is a float32.",
    },
  ],
  questions: [
    { name: "sigmoid", ask: "What arrives behind ten sigmoids?" },
    { name: "tanh", ask: "What arrives behind ten tanhs?" },
    { name: "bytes", ask: "How many bytes has the ReLU's result?", unit: "bytes" },
  ],
};
