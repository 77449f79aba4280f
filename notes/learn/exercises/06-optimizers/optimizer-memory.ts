import type { Exercise } from "../../exercise.ts";

export const optimizerMemory: Exercise = {
  id: "optimizer-memory",
  title: "Predict: bytes that an optimizer keeps",
  points: 15,
  part: "systems",
  kind: "predict",
  note: "06-optimizers#predict-then-measure",
  task:
    "A model has one float32 weight of 100×50. Say how many bytes each optimizer keeps for it beside the weight and its gradient. " +
    "The check makes the optimizers and adds up the tensors of their states.",
  hints: [
    "Which tensors does each step need from the steps before?",
    "Each of them has the shape of the weight. The table in note 06, *Systems analysis*, lists bytes per parameter.",
    "bytes = 4 · 100 · 50 · (number of remembered tensors): plain SGD 0, momentum 1, AdamW 2, with amsgrad one more.",
    "count the tensors in the docstring of each class; multiply by 20,000 bytes",
  ],
  questions: [
    { name: "plain", ask: "new SGD(p, { lr: 0.1 })", unit: "bytes" },
    { name: "momentum", ask: "new SGD(p, { lr: 0.1, momentum: 0.9 })", unit: "bytes" },
    { name: "adamw", ask: "new AdamW(p)", unit: "bytes" },
    { name: "amsgrad", ask: "new AdamW(p, { amsgrad: true })", unit: "bytes" },
  ],
  mistakes: [
    {
      name: "numbers in place of bytes",
      wrong: { plain: 0, momentum: 5_000, adamw: 10_000, amsgrad: 15_000 },
      says: "You have counted numbers. A float32 takes four bytes.",
    },
    {
      name: "weight and gradient counted in",
      wrong: { plain: 40_000, momentum: 60_000, adamw: 80_000, amsgrad: 100_000 },
      says: "You have counted the weight and its gradient, too. The question is about what the optimizer keeps beside them.",
    },
    {
      name: "a velocity without momentum",
      wrong: { plain: 20_000, momentum: 20_000, adamw: 40_000, amsgrad: 40_000 },
      says: "Look at `remembers` of SGD and of Adam. Which tensors exist depends on the settings.",
    },
  ],
};
