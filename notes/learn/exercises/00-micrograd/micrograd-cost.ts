import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-cost",
  title: "Reverse mode against differences",
  kind: "predict",
  points: 7,
  part: "systems",
  note: "00-micrograd#systems-analysis",
  task: "The network `new MLP(2, [3, 1])` has 13 parameters. One wants the gradient of its output for every parameter. Say how many forward passes finite differences need: (f(p + h) − f(p))/h for each parameter. Say also how many for central differences, (f(p + h) − f(p − h))/2h. The check counts the calls.",
  hints: [
    "Which of the two numbers in f(p + h) − f(p) is the same for all parameters?",
    "One point is shared by all one-sided differences. Central differences share none.",
    "one-sided: parameters + 1; central: 2 · parameters",
    "count 1 for f(p), then 1 per parameter; for central differences count 2 per parameter",
  ],
  mistakes: [
    {
      name: "the middle point forgotten",
      wrong: { oneSided: 13, central: 26 },
      says: "A one-sided difference also needs the value at the point itself. It is computed once.",
    },
    {
      name: "the middle point counted in every difference",
      wrong: { oneSided: 26, central: 39 },
      says: "f(p) is the same in every difference, and central differences do not use it.",
    },
  ],
  questions: [
    { name: "oneSided", ask: "Forward passes for one-sided differences?", unit: "passes" },
    { name: "central", ask: "Forward passes for central differences?", unit: "passes" },
  ],
};
