import type { Exercise } from "../../exercise.ts";

export const readData: Exercise = {
  id: "read-data",
  title: "Read: noise, workers and stored crops",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "08-data#the-rule",
  task: "Read *The rule* and *Systems analysis* of note 08. Then answer with numbers. Each follows from a formula there.",
  hints: [
    "Which formula of the note has the quantity that is asked for?",
    "*The rule* has the noise of independent draws and of a pass. *Loading ahead* has the time of a batch, *Augmentation* the number of crops.",
    "σ²/B; σ²/B·(N − B)/(N − 1); max(load/w, step); (2·padding + 1)² places, doubled by a flip",
    "1/4; (1/6)·(5/10); max(30/2, 10); 9·9·2",
  ],
  questions: [
    {
      name: "noise",
      ask: "A batch four times as large, drawn independently: which share of the variance is left?",
    },
    { name: "pass", ask: "σ² = 1, N = 11 examples, B = 6 of a shuffled pass: the variance of their mean?" },
    { name: "time", ask: "Loading takes 30 ms, a step 10 ms. Two workers: how long is a batch?", unit: "ms" },
    { name: "crops", ask: "How many different results have a crop with padding 4 and a flip?" },
  ],
  mistakes: [
    {
      name: "the typical error for the variance",
      wrong: { noise: 0.5, pass: 1 / 6, time: 25, crops: 81 },
      says: "The typical error halves, its square is asked for. And in a shuffled pass no example is drawn twice.",
    },
    {
      name: "times are added",
      wrong: { noise: 0.75, pass: 0.5, time: 20, crops: 32 },
      says: "Workers load while the step computes, so the slower side decides. And a crop has places in two directions.",
    },
  ],
};
