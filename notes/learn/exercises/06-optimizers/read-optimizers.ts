import type { Exercise } from "../../exercise.ts";

export const readOptimizers: Exercise = {
  id: "read-optimizers",
  title: "Read: steps and rates",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "06-optimizers#the-rule",
  task: "Read note 06 from *By hand first* to *Systems analysis*. Then answer with numbers. Each follows from a formula there.",
  hints: [
    "Which formula of the note has the quantity that is asked for?",
    "*The rule* has the limit of lr and the two means. *By hand first* has the first step of Adam. *Systems analysis* counts the bytes of the fused step.",
    "plain descent converges for lr < 2/c; Adam's first step is lr·g/|g|; momentum turns κ into √κ; the fused step of Adam reads p, g, m, v and writes p, m, v",
    "2/c with c = 40; lr itself; √100; (4 + 3)·4",
  ],
  questions: [
    { name: "limit", ask: "Plain descent on f = 20·x² (curvature 40): above which lr does it diverge?" },
    {
      name: "first",
      ask: "The gradient is 250, lr is 0.01: how far does Adam's first step move the weight? (a length; eps is negligible)",
    },
    {
      name: "root",
      ask: "A valley is 100 times steeper across than along. Plain descent needs about 100 steps for a factor e. How many with the best momentum, about?",
    },
    {
      name: "moved",
      ask: "How many bytes does Adam's fused step read and write for each float32 parameter?",
      unit: "bytes",
    },
  ],
  mistakes: [
    {
      name: "the learning rate times the gradient",
      wrong: { limit: 0.025, first: 2.5, root: 50, moved: 16 },
      says: "One of your steps is lr times the gradient. Adam divides by the gradient's size; after one step only its sign is left.",
    },
    {
      name: "the factor f for the curvature",
      wrong: { limit: 0.1, first: 0.01, root: 90, moved: 12 },
      says: "The curvature is the second derivative: that of 20·x² is 40. And a step writes back what it has changed.",
    },
  ],
};
