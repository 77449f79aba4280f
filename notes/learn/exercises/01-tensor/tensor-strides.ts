import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-strides",
  title: "Strides of a shape",
  kind: "write",
  points: 10,
  part: "implementation",
  source: "tensorgrad/src/01-tensor/shape.ts",
  note: "01-tensor#the-rule",
  task: "A stride says how many elements lie between neighbours along a dim. In row-major order the last dim is contiguous. Work out the strides of [2, 3, 4] by hand. Then write `stridesOf`: from a shape to the list of its strides. A scalar, [], has none.",
  hints: [
    "How many elements does one step along the last dim pass? And one along the dim before it?",
    "Go from the last dim to the first. Keep the number of elements that one index of the current dim spans.",
    "strides[i] = shape[i + 1] · shape[i + 2] · … · shape[rank − 1]",
    "step ← 1; for i from the last dim down to 0: strides[i] ← step; step ← step · shape[i]",
  ],
  mistakes: [
    {
      name: "the first dim is contiguous",
      wrong: `  const strides = new Array<number>(shape.length);
  for (let i = 0, step = 1; i < shape.length; i++) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;`,
      says: "These are column-major strides. Here the last dim is the one whose elements lie side by side.",
    },
    {
      name: "a dim's own size is counted",
      wrong: `  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    step *= shape[i];
    strides[i] = step;
  }
  return strides;`,
      says: "One step along the last dim must be one element. Look at the order of the two lines in the loop.",
    },
    {
      name: "only the next dim is counted",
      wrong: "  return shape.map((_, i) => shape[i + 1] ?? 1);",
      says: "Three dims show it. One step along the first passes a whole matrix.",
    },
  ],
};
