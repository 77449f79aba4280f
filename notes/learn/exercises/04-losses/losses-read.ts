import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "losses-read",
  title: "Read: losses that say something",
  kind: "read",
  points: 10,
  part: "reflection",
  note: "04-losses#three-classic-bugs",
  task: "Read *The rule*, *Three classic bugs* and the five questions of note 04. Then answer with numbers; 1 % is near enough.",
  hints: [
    "Which probabilities does a model give that knows nothing?",
    "A second softmax sees numbers between 0 and 1 as logits. Smoothing takes a share of the target and spreads it.",
    "ln C; ln(1 + (C − 1)/e); p − t; 1 − ε + ε/C",
    "fresh ← ln 10; twice ← ln(1 + 9/e); pull ← 0.25 − 1; smooth ← 0.9 + 0.01",
  ],
  mistakes: [
    {
      name: "in bits",
      wrong: { fresh: 3.3219, twice: 2.1 },
      says: "Losses are in nats here: natural logarithms.",
    },
    {
      name: "a perfect model costs nothing",
      wrong: { twice: 0 },
      says: "The second softmax cannot give a probability near 1: its logits are 1 and nine zeros.",
    },
    {
      name: "the target not subtracted, nor its share added",
      wrong: { pull: 0.25, smooth: 0.9 },
      says: "The gradient is p − t. Smoothing gives every class a share, the true one, too.",
    },
  ],
  questions: [
    { name: "fresh", ask: "The loss of a fresh classifier of ten classes?", unit: "nats" },
    { name: "twice", ask: "The least loss of ten classes if softmax is applied twice?", unit: "nats" },
    { name: "pull", ask: "The true class has probability 0.25. What is the gradient of its logit?" },
    { name: "smooth", ask: "Ten classes, smoothing 0.1: the target of the true class?" },
  ],
};
