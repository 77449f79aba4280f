import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "autograd-differences",
  title: "The derivative as school defines it",
  kind: "write",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/05-autograd/gradcheck.ts",
  note: "05-autograd#how-it-is-proved",
  task: "`gradcheck` compares the engine with differences. Write `differences`: for each element i of x, the central difference (f(x + eps·e_i) − f(x − eps·e_i))/(2·eps), as pairs of i and number. `x.assign(values)` overwrites x, `fn().item()` evaluates. Show by hand that for x² this is exact, and that the one-sided difference is off by eps. Leave x as it was, whatever happens.",
  hints: [
    "Expand f(x + h) and f(x − h) to the second order. What cancels in their difference?",
    "Move one element at a time. `finally` runs also after an error.",
    "(f(x + h) − f(x − h)) / 2h = f′(x) + O(h²)",
    "values ← a copy of x's numbers; at(i, v) ← assign values with v at i, evaluate; try: for each i the pair [i, (at(i, value + eps) − at(i, value − eps)) / (2·eps)]; finally: x.assign(values)",
  ],
  mistakes: [
    {
      name: "one-sided",
      wrong: `  const values = Float64Array.from(x.data);
  const at = (i: number, value: number) => x.assign(values.with(i, value)) && fn().item();
  try {
    return [...values].map((value, i) => [i, (at(i, value + eps) - at(i, value)) / eps]);
  } finally {
    x.assign(values);
  }`,
      says: "The error of this difference is as large as eps. A point on the other side removes it.",
    },
    {
      name: "divided by eps instead of twice eps",
      wrong: `  const values = Float64Array.from(x.data);
  const at = (i: number, value: number) => x.assign(values.with(i, value)) && fn().item();
  try {
    return [...values].map((value, i) => [i, (at(i, value + eps) - at(i, value - eps)) / eps]);
  } finally {
    x.assign(values);
  }`,
      says: "Every difference is twice too large. How far apart are the two points?",
    },
    {
      name: "x is not put back",
      wrong: `  const values = Float64Array.from(x.data);
  const at = (i: number, value: number) => x.assign(values.with(i, value)) && fn().item();
  return [...values].map((value, i) => [i, (at(i, value + eps) - at(i, value - eps)) / (2 * eps)]);`,
      says: "The last element stays moved. A check must not change what it checks.",
    },
    {
      name: "only the first element",
      wrong: `  const values = Float64Array.from(x.data);
  const at = (i: number, value: number) => x.assign(values.with(i, value)) && fn().item();
  try {
    return [[0, (at(0, values[0] + eps) - at(0, values[0] - eps)) / (2 * eps)]];
  } finally {
    x.assign(values);
  }`,
      says: "An error in another element would go unnoticed. Move each of them in turn.",
    },
  ],
};
