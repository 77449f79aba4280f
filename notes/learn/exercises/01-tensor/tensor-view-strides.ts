import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-view-strides",
  title: "Find the bug: a reshape that shows other numbers",
  kind: "find",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/01-tensor/shape.ts",
  starts: "gaps are not noticed",
  note: "01-tensor#three-classic-bugs",
  task: "`arange(6).reshape(2, 3).t().reshape(6)` must give 0, 3, 1, 4, 2, 5. It gives other numbers. `viewStrides` answers with strides where no copy is needed, and with null where none exist. It collects runs of dims that lie without gaps, from the end. Find what it no longer looks at, and put it right.",
  hints: [
    "May [3, 2] with strides [1, 3] become one dim of 6? Walk through it.",
    "Two neighbouring dims may merge only if the outer one steps exactly over the whole inner one.",
    "dim i joins the run if strides[i] = (stride of the run's innermost dim) · (elements in the run)",
    "for each run from the end: step ← its innermost stride; while the next dim outwards has the stride step · run: run ← run · its size; then deal the run out among the new dims, or return null",
  ],
  mistakes: [
    {
      name: "gaps are not noticed",
      wrong: `  if (areContiguous(shape, strides)) return stridesOf(to);
  const result = new Array<number>(to.length).fill(1);
  let next = to.length - 1;
  for (let i = beforeOnes(shape, shape.length - 1); i >= 0; ) {
    let step = strides[i];
    let run = shape[i];
    i = beforeOnes(shape, i - 1);
    for (; i >= 0; i = beforeOnes(shape, i - 1)) run *= shape[i];
    for (; run > 1; next--) {
      if (run % to[next] !== 0) return null;
      result[next] = step;
      step *= to[next];
      run /= to[next];
    }
  }
  return result;`,
      says: "All dims were taken for one gapless run. A transposed matrix is none.",
    },
    {
      name: "every strided tensor is copied",
      wrong: `  const contiguous = areContiguous(shape, strides);
  if (contiguous) return stridesOf(to);
  return null;`,
      says: "The numbers are right, but a copy is made where a view would do. A run may still be split or merged.",
    },
    {
      name: "a run is dealt out that does not fit",
      wrong: `  if (areContiguous(shape, strides)) return stridesOf(to);
  const result = new Array<number>(to.length).fill(1);
  let next = to.length - 1;
  for (let i = beforeOnes(shape, shape.length - 1); i >= 0; ) {
    let step = strides[i];
    let run = shape[i];
    i = beforeOnes(shape, i - 1);
    for (; i >= 0 && strides[i] === step * run; i = beforeOnes(shape, i - 1)) run *= shape[i];
    for (; run > 1 && next >= 0; next--) {
      result[next] = step;
      step *= to[next];
      run /= to[next];
    }
  }
  return result;`,
      says: "A new dim reached across a gap. The size of a run must be a multiple of the new dim's size.",
    },
  ],
};
