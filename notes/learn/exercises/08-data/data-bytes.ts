import type { Exercise } from "../../exercise.ts";

export const dataBytes: Exercise = {
  id: "data-bytes",
  title: "Predict: bytes and batches of a data set",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "08-data#predict-then-measure",
  task:
    "A set of 1,000 images of 28×28 pixels is kept as bytes. A loader makes float32 batches of 64. " +
    "Say what it takes. The check makes the set and counts.",
  hints: [
    "How many numbers is one image, and how many bytes is each of them before and after?",
    "A byte is one number while it is kept; in a batch it is a float32. *In memory, or read when needed* in note 08 counts the same for CIFAR-10.",
    "bytes kept = images·28·28; a batch = 64·28·28·4; batches = ⌈1000/64⌉, or ⌊1000/64⌋ with dropLast; the last one has 1000 − 15·64.",
    "784,000; 64·784·4; 16 or 15; 40",
  ],
  questions: [
    { name: "kept", ask: "The pixels of all images, as they are kept.", unit: "bytes" },
    { name: "batch", ask: "The pixels of one batch of 64.", unit: "bytes" },
    { name: "batches", ask: "Batches in a pass." },
    { name: "dropped", ask: "Batches in a pass with { dropLast: true }." },
    { name: "last", ask: "Images in the last batch of a pass without dropLast." },
  ],
  mistakes: [
    {
      name: "the set kept as float32",
      wrong: { kept: 3_136_000, batch: 200_704, batches: 16, dropped: 15, last: 64 },
      says: "Pixels are bytes until a batch is made of them. And 1,000 is no multiple of 64.",
    },
    {
      name: "a batch of bytes",
      wrong: { kept: 784_000, batch: 50_176, batches: 15, dropped: 15, last: 40 },
      says: "A batch is float32: four bytes a pixel. And what is left over is a batch, too.",
    },
    {
      name: "a last batch that is full",
      wrong: { kept: 784_000, batch: 3_136_000, batches: 15.625, dropped: 16, last: 24 },
      says: "Count whole batches. What remains after 15 full ones makes a smaller one, unless it is dropped.",
    },
  ],
};
