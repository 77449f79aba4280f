import type { Exercise } from "../../exercise.ts";

export const checkpointBytes: Exercise = {
  id: "checkpoint-bytes",
  title: "Predict: bytes of a checkpoint",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "07-training#predict-then-measure",
  task:
    "A model is one `new Linear(100, 50)` with bias, in float32. Say how many bytes its tensors take in a safetensors file. " +
    "Names and shapes stand in a header; do not count it. The check writes the files and measures.",
  hints: [
    "How many numbers does the layer have, weights and biases together?",
    "A file to resume from needs more than the weights. *Checkpoints* in note 07, *Systems analysis*, counts bytes per parameter.",
    "bytes = 4·parameters for weights; AdamW adds m and v, each as large; float16 takes 2 bytes. The file begins with the header's length, a 64-bit number.",
    "parameters = 100·50 + 50; times 4; times 12; times 2; the first 64 bits are 8 bytes",
  ],
  questions: [
    { name: "weights", ask: "The weights alone.", unit: "bytes" },
    { name: "resume", ask: "Weights and the state of an AdamW.", unit: "bytes" },
    { name: "half", ask: "The weights alone, as float16.", unit: "bytes" },
    { name: "header", ask: "How many bytes stand before the header's text?", unit: "bytes" },
  ],
  mistakes: [
    {
      name: "biases forgotten",
      wrong: { weights: 20_000, resume: 60_000, half: 10_000, header: 8 },
      says: "You have counted the matrix. The layer has a bias for each output as well.",
    },
    {
      name: "numbers in place of bytes",
      wrong: { weights: 5_050, resume: 15_150, half: 5_050, header: 1 },
      says: "You have counted numbers. float32 takes four bytes for each, float16 two.",
    },
    {
      name: "the gradients saved, too",
      wrong: { weights: 40_400, resume: 80_800, half: 20_200, header: 0 },
      says: "Gradients are made anew in each step. No checkpoint holds them.",
    },
  ],
};
