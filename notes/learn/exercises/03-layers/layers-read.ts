import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "layers-read",
  title: "Read: sizes of signals in numbers",
  kind: "read",
  points: 10,
  part: "reflection",
  note: "03-layers#the-rule",
  task: "Read *The rule* and *Systems analysis* of note 03. Then answer with numbers; 2 % is near enough.",
  hints: [
    "What does a sum of n independent terms do to the variance?",
    "Kaiming's rule makes up for the half that ReLU throws away. Xavier's is a compromise of both directions.",
    "n·s·v; √(2/n); √(2/(n + m)); 1/(1 − p)",
    "variance ← 100 · 0.02 · 1; kaiming ← √(2/200); xavier ← √(2/(30 + 20)); kept ← 1/(1 − 0.2)",
  ],
  mistakes: [
    {
      name: "the 2 forgotten",
      wrong: { kaiming: 0.0707, xavier: 0.1414 },
      says: "ReLU halves the mean square, and Xavier's rule takes the mean of both counts.",
    },
    {
      name: "a variance taken for a deviation",
      wrong: { kaiming: 0.01, xavier: 0.04 },
      says: "A deviation is the root of a variance.",
    },
    {
      name: "one term instead of a sum, and p instead of 1 − p",
      wrong: { variance: 0.02, kept: 5 },
      says: "Variances of independent terms add up. The elements that stay have probability 1 − p.",
    },
  ],
  questions: [
    {
      name: "variance",
      ask: "100 independent inputs of variance 1, weights of variance 0.02: the variance of their sum?",
    },
    { name: "kaiming", ask: "The deviation of Kaiming's weights for 200 inputs?" },
    { name: "xavier", ask: "The deviation of Xavier's weights for 30 inputs and 20 outputs?" },
    { name: "kept", ask: "By what does dropout with p = 0.2 multiply the elements that stay?" },
  ],
};
