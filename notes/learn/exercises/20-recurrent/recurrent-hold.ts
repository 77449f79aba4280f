import type { CodeExercise } from "../../exercise.ts";

const held = (ended: string, copied = "to.set(from.subarray(r * cols, (r + 1) * cols), r * cols);") => `
  for (let r = 0; r < rows; r++) {
    if (${ended}) ${copied}
  }`;

export const recurrentHold: CodeExercise = {
  id: "recurrent-hold",
  kind: "find",
  title: "The state of a sequence that has ended",
  points: 20,
  part: "implementation",
  note: "20-recurrent#the-rule",
  source: "tensorgrad/src/20-recurrent/recurrence.reference.ts",
  starts: "lengths off by one",
  task: `
Sequences of unequal length lie side by side, filled up at the end. A sequence that has ended keeps its state and gives 0.
\`holdRows\` is called after step t, counted from 0: rows of \`to\` whose sequences have ended become those of \`from\`. All are [rows, cols].

With the planted bug a final state has seen one number of what only fills up. Find it and mend it.`,
  hints: [
    "A sequence has length 2. At which steps does it read its own numbers, and which is the first step behind its end?",
    "Steps are counted from 0, and lengths from 1. Follow a sequence of length 1.",
    "A sequence of length L reads the steps 0 … L − 1. It has ended at step t if t ≥ L.",
    "for each row: if t is at least its length, copy the row of `from` over that of `to`.",
  ],
  mistakes: [
    {
      name: "lengths off by one",
      wrong: held("t > lengths[r]"),
      says: "Step 0 is the first of a sequence. So one of length 1 has ended at step 1, not at step 2.",
      fault: "RNN, one direction: lengths off by one",
    },
    {
      name: "sequences that go on are held",
      wrong: held("t < lengths[r]"),
      says: "You hold the rows whose sequences still read. Those that have ended are meant.",
    },
    {
      name: "all rows held as soon as one has ended",
      wrong: held("t >= lengths[r]", "to.set(from.subarray(0, rows * cols));"),
      says: "Only the rows of sequences that have ended keep their state. The others go on.",
    },
  ],
};
