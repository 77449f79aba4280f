import assert from "node:assert/strict";
import { type Shape, ShapeError, zeros } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { alike, tried } from "../compare.ts";

const sum = (a: Shape, b: Shape): Shape =>
  zeros(a, { dtype: "float64" }).add(zeros(b, { dtype: "float64" })).shape;

export const checks: Checks = {
  "shapes are aligned at their ends": () => {
    alike("shape of [2, 3] + [3]", sum([2, 3], [3]), [2, 3]);
    alike("shape of [4, 1] + [3]", sum([4, 1], [3]), [4, 3]);
    alike("shape of [] + [2, 1, 2]", sum([], [2, 1, 2]), [2, 1, 2]);
  },
  "a 1 stretches to 0, too": () => alike("shape of [1, 2] + [0, 1]", sum([1, 2], [0, 1]), [0, 2]),
  "other sizes are refused, by the dim": () =>
    assert.throws(
      () => sum([2, 3], [3, 2]),
      (error) => error instanceof ShapeError && error.message.includes("dim -1"),
      "[2, 3] + [3, 2]: expected a ShapeError that names dim -1",
    ),
};

export const probes: Probes = () => [
  ...tried(() => sum([2, 3], [3])),
  ...tried(() => sum([1, 2], [0, 1])),
  ...tried(() => sum([2, 3], [3, 2])),
];
