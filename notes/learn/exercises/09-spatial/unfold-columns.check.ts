import assert from "node:assert/strict";
import { arange } from "tensorgrad";
import { type UnfoldOptions, unfold } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

/** The columns of the image 1, 2, 3, … with rows of `width`; float64 runs on the plain loops. */
function columns(
  height: number,
  width: number,
  kernel: readonly [number, number],
  options: UnfoldOptions = {},
) {
  const x = arange(1, 1 + height * width, 1, { dtype: "float64" }).reshape([1, 1, height, width]);
  return [...unfold(x, kernel, options).data];
}

export const checks: Checks = {
  "one row for each tap": () =>
    assert.deepEqual(
      columns(2, 3, [1, 2]),
      [1, 2, 4, 5, 2, 3, 5, 6],
      "rows 1 2 3 and 4 5 6, a filter of 1×2: first what its left tap sees, then its right one",
    ),
  "zeros around the image": () =>
    assert.deepEqual(
      columns(1, 2, [1, 3], { padding: [0, 1] }),
      [0, 1, 1, 2, 2, 0],
      "the row 1 2 between zeros, a filter of 1×3",
    ),
  "outputs move by the stride, taps by the dilation": () =>
    assert.deepEqual(
      columns(1, 6, [1, 2], { stride: [1, 3], dilation: [1, 2] }),
      [1, 4, 3, 6],
      "the row 1 … 6, two taps that lie 2 apart, a stride of 3",
    ),
};

export const probes: Probes = () => [
  ...columns(3, 4, [2, 2], { stride: 2, padding: 1 }),
  ...columns(5, 5, [2, 2], { stride: 1, dilation: 2 }),
];
