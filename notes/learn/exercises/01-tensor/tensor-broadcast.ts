import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-broadcast",
  title: "The shape that both stretch to",
  kind: "write",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/01-tensor/shape.ts",
  note: "01-tensor#the-rule",
  task: "Two shapes are aligned at their ends; a missing dim counts as 1. Where sizes differ, one of them must be 1. Write `broadcastShapes`: it returns the common shape. For sizes that do not fit, it throws a `ShapeError` which names both shapes and the first such dim, counted from the end.",
  hints: [
    "Which shape has a matrix [2, 3] plus a list of 3?",
    "Count the dims from the end: dim −1 of both, then dim −2. See *The rule* in note 01.",
    "m or n missing → 1; m = 1 → n; n = 1 → m; m = n → m; else an error. A 1 also stretches to 0.",
    "rank ← the larger rank; for i from 1 to rank: m, n ← sizes at −i, or 1; refuse if m ≠ n and neither is 1; shape[rank − i] ← m = 1 ? n : m",
  ],
  mistakes: [
    {
      name: "aligned at the front",
      wrong: `  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const [m, n] = [a[i] ?? 1, b[i] ?? 1];
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        \`\${call}: shapes \${show(a)} and \${show(b)} do not broadcast: dim \${i - rank} is \${m} on the left and \${n} on the right\`,
      );
    shape[i] = m === 1 ? n : m;
  }
  return shape;`,
      says: "The shapes were compared from their first dims on. A bias [3] must meet the columns of [2, 3].",
    },
    {
      name: "the larger size wins",
      wrong: `  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [a[a.length - i] ?? 1, b[b.length - i] ?? 1];
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        \`\${call}: shapes \${show(a)} and \${show(b)} do not broadcast: dim -\${i} is \${m} on the left and \${n} on the right\`,
      );
    shape[rank - i] = Math.max(m, n);
  }
  return shape;`,
      says: "One size is smaller than 1: an empty dim has 0 elements. A 1 stretches to it, and the result is empty.",
    },
    {
      name: "sizes that do not fit are taken",
      wrong: `  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [a[a.length - i] ?? 1, b[b.length - i] ?? 1];
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;`,
      says: "Shapes [2, 3] and [3, 2] do not broadcast. Nobody told the user.",
    },
  ],
};
