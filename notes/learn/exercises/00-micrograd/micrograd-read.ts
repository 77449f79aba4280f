import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-read",
  title: "Read: what goes wrong, in numbers",
  kind: "read",
  points: 10,
  part: "reflection",
  note: "00-micrograd#three-classic-bugs",
  task: "Read *Three classic bugs* in note 00. Then work out two graphs by hand: x·x at x = 3, and c = b + b with b = a + a. Give the right gradients, and those that the bugs leave.",
  hints: [
    "How many ways lead from the result to the leaf?",
    "Assigning keeps the last contribution alone. The naive recursion hands a gradient on each time a part of it arrives.",
    "right gradient = sum over all ways of the product of slopes along the way",
    "naive recursion on c: b gets 1 and hands on 1 twice; b gets 1 more and hands on 2 twice; add up what reaches a",
  ],
  mistakes: [
    {
      name: "the second use forgotten in the right answer",
      wrong: { square: 3, assigned: 3, diamond: 2, naive: 4 },
      says: "A value that is used twice has two effects on the result. Both count.",
    },
    {
      name: "the bugs taken for harmless",
      wrong: { square: 6, assigned: 6, diamond: 4, naive: 4 },
      says: "These are the right gradients. Follow the wrong code, contribution by contribution.",
    },
  ],
  questions: [
    { name: "square", ask: "The gradient of x in x·x at 3?" },
    { name: "assigned", ask: "The gradient of x if contributions are assigned instead of added?" },
    { name: "diamond", ask: "The gradient of a in c = b + b, b = a + a?" },
    { name: "naive", ask: "The gradient of a if a recursion hands gradients on as they arrive?" },
  ],
};
