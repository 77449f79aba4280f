import type { Exercise } from "../../exercise.ts";

export const readTraining: Exercise = {
  id: "read-training",
  title: "Read: batches, steps and warm-up",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "07-training#the-rule",
  task: "Read *The rule* of note 07. Then answer with numbers. Each follows from a formula there.",
  hints: [
    "Which formula of the note has the quantity that is asked for?",
    "*Accumulation* weighs batches, *Batch size* counts steps, *Warm-up* bounds the first step.",
    "weight nᵢ/N; steps = S·(1 + B*/B); the input of a unit moves by at most lr·Σ|xᵢ|",
    "2/(4 + 4 + 2); 100·(1 + 50/50); the limit for B → ∞; 0.01·110",
  ],
  questions: [
    {
      name: "share",
      ask: "Batches of 4, 4 and 2 examples make one step. What does the gradient of the last weigh?",
    },
    { name: "steps", ask: "S = 100 steps and B* = 50 examples. How many steps with batches of 50?" },
    { name: "floor", ask: "The same training: how many steps remain, however large the batch is?" },
    {
      name: "moves",
      ask: "Σ|xᵢ| = 110, lr = 0.01: how far can Adam's first step move a unit's input, at most?",
    },
  ],
  mistakes: [
    {
      name: "batches counted, not examples",
      wrong: { share: 1 / 3, steps: 150, floor: 1, moves: 0.01 },
      says: "You have given each batch an equal weight. A batch weighs as many examples as it has.",
    },
    {
      name: "twice the batch, half the steps",
      wrong: { share: 0.5, steps: 100, floor: 0, moves: 11 },
      says: "Steps do not fall to 0. Far above B* only the curvature limits a step, and the noise is gone already.",
    },
  ],
};
