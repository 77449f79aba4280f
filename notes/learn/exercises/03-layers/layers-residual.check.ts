import assert from "node:assert/strict";
import { ShapeError, type Tensor, tensor } from "tensorgrad";
import { Residual } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

/** The block around one function, for the input [[1, 2], [3, 4]]. */
const block = (f: (x: Tensor) => Tensor): Numbers =>
  new Residual({ forward: f })
    .forward(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    )
    .toArray();

const narrower = (x: Tensor): Tensor => x.sum(1, { keepDim: true });

export const checks: Checks = {
  "x + f(x)": () =>
    near(
      "x [[1, 2], [3, 4]], f(x) = 3x",
      block((x) => x.mul(3)),
      [
        [4, 8],
        [12, 16],
      ],
    ),
  "layers that give zeros leave x": () =>
    near(
      "x [[1, 2], [3, 4]], f(x) = 0",
      block((x) => x.mul(0)),
      [
        [1, 2],
        [3, 4],
      ],
    ),
  "another shape is refused": () =>
    assert.throws(
      () => block(narrower),
      ShapeError,
      "x [2, 2], f(x) [2, 1]: expected a ShapeError, for broadcasting hides a mistake",
    ),
};

export const probes: Probes = () => [...tried(() => block((x) => x.mul(3))), ...tried(() => block(narrower))];
