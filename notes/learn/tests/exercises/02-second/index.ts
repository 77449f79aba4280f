import type { Exercise } from "../../../exercise.ts";

const common = {
  note: "glossary",
  task: "Find what is wrong.",
  hints: ["What is asked?", "Where to read.", "The formula.", "In pseudo-code."],
} as const;

export const exercises: readonly Exercise[] = [
  {
    ...{ id: "spread-variance", title: "A variance", kind: "find", part: "implementation", points: 75 },
    source: "notes/learn/tests/sample/spread.ts",
    starts: "the distance is not squared",
    ...common,
    mistakes: [
      {
        name: "the distance is not squared",
        wrong: "const middle = mean(xs);\nreturn mean(xs.map((x) => x - middle));",
        says: "Distances to the mean cancel.",
      },
    ],
  },
  {
    ...common,
    ...{ id: "spread-passes", title: "Passes", kind: "predict", part: "systems", points: 15 },
    questions: [{ name: "passes", ask: "How often does a variance read the list?" }],
    mistakes: [{ name: "once", wrong: { passes: 1 }, says: "The mean has to be known first." }],
  },
  {
    ...common,
    ...{ id: "spread-reading", title: "Reading", kind: "read", part: "reflection", points: 10 },
    questions: [{ name: "same", ask: "What is the variance of equal numbers?" }],
    mistakes: [{ name: "their mean", wrong: { same: 1 }, says: "How far is each from the mean?" }],
  },
];
