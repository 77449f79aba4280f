import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "activations-read",
  title: "Read: slopes and limits in numbers",
  kind: "read",
  points: 10,
  part: "reflection",
  note: "02-activations#the-rule",
  task: "Read *By hand first*, *The rule* and *Three classic bugs* of note 02. Then answer with numbers; 1 % is near enough.",
  hints: [
    "Which of these slopes can be written with the result alone?",
    "sigmoid′ and the diagonal of softmax's Jacobian have the same form.",
    "y·(1 − y); −y_i·y_j off the diagonal; ln of float32's largest number is 88.7",
    "slope ← 0.8 · 0.2; other ← −0.25 · 0.75; kink ← the convention of note 02; overflow ← the first whole number above 88.7",
  ],
  mistakes: [
    {
      name: "the sign of the other score's effect",
      wrong: { other: 0.1875 },
      says: "If one score grows, the other probabilities shrink.",
    },
    {
      name: "ReLU's slope at 0 taken as 1",
      wrong: { kink: 1 },
      says: "Any number from 0 to 1 would do. Note 02 says which one is taken here.",
    },
    {
      name: "float64's limit, and the wrong slope",
      wrong: { slope: 0.8, overflow: 710 },
      says: "In float64 e^x reaches to 709. Tensors are float32 unless you say otherwise.",
    },
  ],
  questions: [
    { name: "slope", ask: "A sigmoid's result is 0.8. What is its slope there?" },
    { name: "kink", ask: "What is ReLU's slope at 0 here?" },
    { name: "other", ask: "Softmax gives [0.25, 0.75]. What is ∂y₀/∂x₁?" },
    { name: "overflow", ask: "From which whole number x on is eˣ infinite in float32?" },
  ],
};
