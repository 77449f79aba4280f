import type { Exercise } from "../../exercise.ts";

export const attentionBytes: Exercise = {
  id: "attention-bytes",
  title: "Predict: what attention holds",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "12-attention#predict-then-measure",
  task:
    "`new MultiHeadAttention(64, 4)` reads a sequence of 128 positions, in float32. Say what it takes. " +
    "The check makes the layers, asks for their weights, and counts.",
  hints: [
    "How many weights has one head, and what does it depend on?",
    "Every query of every head has a weight for every key. *Memory* in note 12 says how that grows. The docstring of `MultiHeadAttention` counts parameters.",
    "weights: H·T²·4 bytes; causal pairs: T·(T + 1)/2; parameters 4·(C² + C), with shared keys 2·(C² + C) + 2·(C·C/H + C/H)",
    "4·128·128·4; 4; 128·129/2; 4·(4,096 + 64); 2·4,160 + 2·(64·16 + 16)",
  ],
  questions: [
    { name: "weights", ask: "All weights of the four heads.", unit: "bytes" },
    { name: "doubled", ask: "How many times as many bytes with 256 positions?" },
    { name: "pairs", ask: "Pairs of a query and a key that it may see, of one causal head." },
    { name: "parameters", ask: "Parameters of the layer, biases included." },
    { name: "shared", ask: "Parameters with { numKvHeads: 1 }." },
  ],
  mistakes: [
    {
      name: "one head counted",
      wrong: { weights: 65_536, doubled: 2, pairs: 16_384, parameters: 16_384, shared: 12_480 },
      says: "Every head has weights of its own. They grow with the square of the length. And biases are parameters.",
    },
    {
      name: "numbers in place of bytes",
      wrong: { weights: 65_536, doubled: 4, pairs: 8_128, parameters: 12_480, shared: 8_320 },
      says: "You have counted numbers. A query sees its own key, too. And four maps belong to the layer: q, k, v and out.",
    },
  ],
};
