import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-bytes",
  title: "Which operation needs memory?",
  kind: "predict",
  points: 15,
  part: "systems",
  note: "01-tensor#systems-analysis",
  task: "x is [512, 256] in float32, row is [256]. Say how many bytes each call adds to the heap. The check measures `heap.live` before and after the call.",
  hints: [
    "Which of these calls has to write numbers that stand nowhere yet?",
    "A view has a shape, strides and an offset, and no elements of its own. Broadcasting reads one number many times.",
    "bytes = elements · bytes per element: 4 for float32, 8 for float64; a view has 0",
    "n ← 512 · 256; transpose ← 0; copy ← 4n; sum ← 4n; float64 ← 8n",
  ],
  mistakes: [
    {
      name: "a view taken for a copy",
      wrong: { transpose: 524288 },
      says: "Nothing was moved: a transpose swaps two strides.",
    },
    {
      name: "the row written out first",
      wrong: { sum: 1048576 },
      says: "The row is read with a stride of 0. No second matrix is made of it.",
    },
    {
      name: "elements taken for bytes",
      wrong: { copy: 131072, sum: 131072, float64: 131072 },
      says: "You counted elements. A float32 has 4 bytes, a float64 has 8.",
    },
  ],
  questions: [
    { name: "transpose", ask: "x.t()", unit: "bytes" },
    { name: "copy", ask: "x.t().contiguous()", unit: "bytes" },
    { name: "sum", ask: "x.add(row)", unit: "bytes" },
    { name: "float64", ask: 'x.to("float64")', unit: "bytes" },
  ],
};
