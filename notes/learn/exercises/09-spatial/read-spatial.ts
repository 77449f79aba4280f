import type { Exercise } from "../../exercise.ts";

export const readSpatial: Exercise = {
  id: "read-spatial",
  title: "Read: sizes, weights and products",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "09-spatial#the-rule",
  task: "Read *The rule* and *Systems analysis* of note 09. Then answer with numbers. The check computes some of them with layers.",
  hints: [
    "Which of these depend on the size of the image, and which do not?",
    "*The rule* counts weights and Winograd's products. *Depthwise separable* compares two ways. Question 2 counts what two filters see.",
    "weights O·C·K·K; H′ = ⌊(H + 2p − K)/s⌋ + 1; products per place: 9·C against 9 + C, for each output channel; a stack of two 3×3 sees 3 + 2 pixels",
    "64·3·9; ⌊(32 + 2 − 3)/2⌋ + 1; 5; (9·64)/(9 + 64)",
  ],
  questions: [
    { name: "weights", ask: "Weights of 64 filters of 3×3 over 3 channels, without biases." },
    { name: "size", ask: "An image of 32×32, a 3×3 filter, padding 1, stride 2: the height of the result?" },
    {
      name: "sees",
      ask: "Two 3×3 convolutions behind each other: how many pixels wide is what one result sees?",
    },
    {
      name: "gain",
      ask: "64 channels to 64: by which factor does depthwise separable need fewer products (two decimals)?",
    },
  ],
  mistakes: [
    {
      name: "one channel per filter",
      wrong: { weights: 576, size: 15, sees: 6, gain: 9 },
      says: "A filter has taps for every channel of its input. And the second filter sees one pixel more on each side than the first.",
    },
    {
      name: "the image counted in",
      wrong: { weights: 65_536, size: 32, sees: 9, gain: 64 },
      says: "The number of weights does not depend on the image: every place uses the same ones.",
    },
  ],
};
