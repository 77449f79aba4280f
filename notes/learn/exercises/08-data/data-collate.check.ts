import assert from "node:assert/strict";
import { collate, type Sample } from "tensorgrad/data";
import type { Checks, Probes } from "../../exercise.ts";

const three: readonly Sample[] = [0, 1, 2].map((i) => ({
  x: [
    [i, i + 0.5],
    [10 + i, 20 + i],
  ],
  y: Int32Array.of(i, -i),
}));
const uneven: readonly Sample[] = [
  { x: [1, 2], y: 0 },
  { x: [3], y: 1 },
];

export const checks: Checks = {
  "the new dim is the first": () => {
    const { x, y } = collate(three);
    assert.deepEqual(
      [x.shape, y.shape],
      [
        [3, 2, 2],
        [3, 2],
      ],
      "three examples, x [2, 2] and y [2], give [3, 2, 2] and [3, 2]",
    );
    assert.equal(y.dtype, "int32", "the dtype of the examples stays");
  },
  "examples stand one behind the other": () =>
    assert.deepEqual(
      [...collate(three).x.data],
      [0, 0.5, 10, 20, 1, 1.5, 11, 21, 2, 2.5, 12, 22],
      "the elements of three examples in a row",
    ),
  "an example of another shape is named": () =>
    assert.throws(() => collate(uneven), /example 1/, "x [2], then x [1]: the error names example 1"),
};

export const probes: Probes = () => {
  let message = "";
  try {
    collate(uneven);
  } catch (error) {
    message = (error as Error).name;
  }
  const { x, y } = collate(three);
  return [message, ...x.shape, ...x.data, ...y.data];
};
