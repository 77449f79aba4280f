import type { CodeExercise } from "../../exercise.ts";

const placing = (begin: string, apart: string) => `
  const places = new Map<Block, number>();
  let end = 0;
  for (const block of lasting) {
    if (places.has(block)) continue;
    places.set(block, end);
    end += sizeOf(block);
  }
  const placed: { readonly life: Life; readonly from: number }[] = [];
  let bytes = end;
  for (const life of livesOf(entries, places).sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let from = ${begin};
    for (const other of placed) {
      ${apart}
      if (other.from < from + life.bytes) from = Math.max(from, other.from + other.life.bytes);
    }
    insert(placed, { life, from });
    places.set(life.block, from);
    bytes = Math.max(bytes, from + life.bytes);
  }
  return { places, bytes };`;

const APART = "if (other.life.last < life.first || life.last < other.life.first) continue;";

export const capturePlan: CodeExercise = {
  id: "capture-plan",
  kind: "find",
  title: "Two tensors in one place",
  points: 25,
  part: "implementation",
  note: "captured-steps",
  source: "tensorgrad/src/16-acceleration/capture/plan.ts",
  starts: "a kernel writes where it reads",
  task: `
A captured step plans its memory once. Every block has a life: from the first entry (a call of a kernel) that touches it to the last.
Blocks whose lives do not overlap share memory. Those that last beyond the step have places of their own, before all others.

A captured chain of matrix products takes less memory than it needs. Some kernels read and write one place at once. Find the bug and mend it.`,
  hints: [
    "Block A is read by the kernel that writes block B. May both lie in the same place?",
    "A matrix product reads its inputs while it writes its result. Look at what counts as lives that do not overlap.",
    "Two lives are apart if one ends before the other begins: last < first, strictly.",
    "for each life, the largest first: from = end of the lasting blocks; for each placed one that is not strictly before or after: move behind it if they collide.",
  ],
  mistakes: [
    {
      name: "a kernel writes where it reads",
      wrong: placing("end", APART.replaceAll(".last <", ".last <=")),
      says: "Lives that meet in one entry do overlap: that kernel reads one block and writes the other.",
    },
    {
      name: "no two blocks share memory",
      wrong: placing("end", ""),
      says: "Every block has a place of its own now. The results are right, and the memory is what it was without a plan.",
    },
    {
      name: "blocks that last are written over",
      wrong: placing("0", APART),
      says: "Inputs and results outlive the step. Blocks of the step may not lie where they lie.",
    },
  ],
};
