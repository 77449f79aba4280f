import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { RotaryEmbedding } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

/** Heads [H, T, D] after turning, and the gradient where every result has the gradient 1, 2, 3, …; float64 runs on the plain loops. */
function turned(heads: number[][][]) {
  const x = tensor(heads, { dtype: "float64", requiresGrad: true });
  const y = new RotaryEmbedding(heads[0][0].length).forward(x);
  y.backward(
    tensor(
      heads.map((rows) => rows.map((row) => row.map((_, i) => i + 1))),
      { dtype: "float64" },
    ),
  );
  return { y: [...y.data], gradient: [...(x.grad?.data ?? [])] };
}

function near(actual: readonly number[], expected: readonly number[], what: string) {
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i] - value) < 1e-9, `${what}: number ${i} is ${actual[i]}, expected ${value}`);
}
const { cos, sin } = Math;

export const checks: Checks = {
  "a pair turns by its position": () =>
    near(
      turned([
        [
          [1, 0],
          [1, 0],
          [0, 1],
        ],
      ]).y,
      [1, 0, cos(1), sin(1), -sin(2), cos(2)],
      "the pairs (1, 0), (1, 0), (0, 1) at positions 0, 1, 2",
    ),
  "halves make the pairs": () =>
    near(
      turned([
        [
          [0, 0, 0, 0],
          [1, 0, 0, 0],
        ],
      ]).y.slice(4),
      [cos(1), 0, sin(1), 0],
      "the row 1 0 0 0 at position 1: its first number belongs to its third",
    ),
  "all heads turn alike": () => {
    const head = [
      [1, 2],
      [3, 4],
    ];
    const { y } = turned([head, head]);
    near(y.slice(4), y.slice(0, 4), "two equal heads");
    assert.notDeepEqual(y.slice(2, 4), [3, 4], "position 1 must turn");
  },
  "the gradient is turned back": () =>
    near(
      turned([
        [
          [0, 0],
          [0, 0],
        ],
      ]).gradient.slice(2),
      [cos(1) + 2 * sin(1), 2 * cos(1) - sin(1)],
      "the gradient (1, 2) at position 1",
    ),
};

export const probes: Probes = () => {
  const rows = [
    [1, 2, 3, 4],
    [4, 3, 2, 1],
    [0.5, -1, 2, 1],
  ];
  const { y, gradient } = turned([rows, rows.map((row) => row.map((value) => -value))]);
  return [...y, ...gradient];
};
