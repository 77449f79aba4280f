import type { Exercise } from "../../../exercise.ts";

const common = {
  note: "glossary",
  task: "Write it.",
  hints: ["What is asked?", "Where to read.", "The formula.", "In pseudo-code."],
} as const;

export const exercises: readonly Exercise[] = [
  {
    ...common,
    ...{ id: "list-total", title: "A sum", kind: "write", part: "implementation", points: 40 },
    source: "notes/learn/tests/sample/lists.ts",
    mistakes: [
      {
        name: "the last one only",
        wrong: "let sum = 0;\nfor (const x of xs) sum = x;\nreturn sum;",
        says: "A sum adds; yours assigns.",
      },
      {
        name: "starts at one",
        wrong: "return xs.reduce((a, b) => a + b, 1);",
        says: "What is the sum of nothing?",
      },
    ],
  },
  {
    ...common,
    ...{ id: "list-mean", title: "A mean", kind: "write", part: "implementation", points: 30 },
    source: "notes/learn/tests/sample/lists.ts",
    mistakes: [
      { name: "not divided", wrong: "return total(xs);", says: "A mean does not grow with the list." },
      {
        name: "nothing over nothing",
        wrong: "return total(xs) / xs.length;",
        says: "What does yours give for an empty list?",
      },
    ],
  },
  {
    ...common,
    ...{ id: "list-scale", title: "A unit", kind: "write", part: "implementation", points: 5 },
    source: "notes/learn/tests/sample/lists.ts",
    mistakes: [{ name: "thousands", wrong: 'const scale = "k";', says: "That is another unit." }],
  },
  {
    ...common,
    ...{ id: "list-bytes", title: "Bytes", kind: "predict", part: "systems", points: 15 },
    questions: [{ name: "bytes", ask: "How many bytes have ten numbers in float64?", unit: "bytes" }],
    mistakes: [{ name: "float32", wrong: { bytes: 40 }, says: "Those are bytes of float32." }],
  },
  {
    ...common,
    ...{ id: "list-reading", title: "Reading", kind: "read", part: "reflection", points: 10 },
    questions: [{ name: "count", ask: "How many numbers has an empty list?" }],
    mistakes: [{ name: "one", wrong: { count: 1 }, says: "Empty means none." }],
  },
];
