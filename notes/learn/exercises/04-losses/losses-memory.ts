import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "losses-memory",
  title: "What a loss keeps",
  kind: "predict",
  points: 15,
  part: "systems",
  note: "04-losses#systems-analysis",
  task: "Logits are [64, 1000] in float32. `crossEntropy` computes one loss per row in one pass. `decomposedCrossEntropy` forms probabilities, then their logarithms, then picks. Say how many bytes the logits have, and how many bytes each loss adds to the heap going forward, with one loss per row. 2 % is near enough.",
  hints: [
    "Which of the steps makes a tensor as large as the logits?",
    "The fused loss stores no probability. The other one stores them, and their logarithms.",
    "logits 4·N·C bytes; fused 4·N; in three steps about 2 · 4·N·C",
    "logits ← 4 · 64 · 1000; fused ← 4 · 64; decomposed ← 2 · logits",
  ],
  mistakes: [
    {
      name: "the fused loss stores probabilities, too",
      wrong: { fused: 256000 },
      says: "One pass over a row needs its maximum and its sum. Both are gone when the row is done.",
    },
    {
      name: "one step overwrites the other",
      wrong: { decomposed: 256000 },
      says: "No operation writes into its input. Probabilities and logarithms are two tensors.",
    },
    {
      name: "elements taken for bytes",
      wrong: { logits: 64000, fused: 64, decomposed: 128000 },
      says: "You counted elements. Each is a float32.",
    },
  ],
  questions: [
    { name: "logits", ask: "Bytes of the logits?", unit: "bytes" },
    { name: "fused", ask: "Bytes that `crossEntropy` adds?", unit: "bytes" },
    { name: "decomposed", ask: "Bytes that `decomposedCrossEntropy` adds?", unit: "bytes" },
  ],
};
