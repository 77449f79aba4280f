import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "layers-memory",
  title: "Parameters, and results that wait for backward",
  kind: "predict",
  points: 15,
  part: "systems",
  note: "03-layers#systems-analysis",
  task: "A model: Linear(784 → 64), ReLU, Linear(64 → 10), all in float32. Say how many parameters it has, and how many bytes they take. Then say how many bytes the results of its three layers take, which wait for backward: for a batch of 32, and for one of 64. The check measures the heap.",
  hints: [
    "Which of these numbers depends on the batch?",
    "A dense layer has one weight per pair of input and output, and one bias per output. Each layer has a result.",
    "parameters = (in + 1)·out per dense layer; results = 4 · batch · (64 + 64 + 10) bytes",
    "P ← 785 · 64 + 65 · 10; bytes ← 4P; results ← 4 · 32 · 138; for a batch of 64 twice as much",
  ],
  mistakes: [
    {
      name: "biases forgotten",
      wrong: { parameters: 50816, weightBytes: 203264 },
      says: "Each output has a bias: 64 and 10 more parameters.",
    },
    {
      name: "the ReLU's result forgotten",
      wrong: { results: 9472, resultsOf64: 18944 },
      says: "An operation never writes into its input. The ReLU's result is a tensor, too.",
    },
    {
      name: "the batch does not count",
      wrong: { results: 552, resultsOf64: 552 },
      says: "Parameters are shared by all examples. Results exist for each of them.",
    },
  ],
  questions: [
    { name: "parameters", ask: "How many parameters has the model?" },
    { name: "weightBytes", ask: "How many bytes do they take?", unit: "bytes" },
    { name: "results", ask: "How many bytes do results take for a batch of 32?", unit: "bytes" },
    { name: "resultsOf64", ask: "How many for a batch of 64?", unit: "bytes" },
  ],
};
