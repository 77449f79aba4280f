import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { scaledDotProductAttention } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

interface Look {
  readonly mask?: Tensor;
  readonly causal?: boolean;
}

/**
 * The weights, row by row: values are the rows of an identity matrix. A dropout that silences nothing takes the form that holds its
 * weights; the fused kernel has none.
 */
function weights(q: number[][], k: number[][], look: Look = {}): number[] {
  const floats = (rows: number[][]) => tensor(rows, { dtype: "float64" });
  const v = floats(k.map((_, i) => k.map((_, j) => Number(i === j))));
  return [...scaledDotProductAttention(floats(q), floats(k), v, { ...look, dropoutP: 1e-12 }).data];
}

const near = (actual: readonly number[], expected: readonly number[], what: string) =>
  assert.ok(
    actual.length === expected.length && actual.every((value, i) => Math.abs(value - expected[i]) < 1e-6),
    `${what}: the weights are ${actual.map((value) => +value.toFixed(4)).join(" ")}, expected ${expected.join(" ")}`,
  );

const third = Math.log(3);
const hides = (seen: number[][]) => tensor(seen).ne(0);

export const checks: Checks = {
  "the example by hand of note 12": () =>
    near(weights([[1]], [[0], [third]]), [0.25, 0.75], "query 1, keys 0 and ln 3"),
  "scores are scaled": () =>
    near(
      weights(
        [[2, 0, 0, 0]],
        [
          [0, 0, 0, 0],
          [third, 0, 0, 0],
        ],
      ),
      [0.25, 0.75],
      "width 4: the score 2·ln 3 divided by √4",
    ),
  "hidden keys take no share": () => {
    near(
      weights([[1], [1]], [[0], [third]], { causal: true }),
      [1, 0, 0.25, 0.75],
      "causal: the first of two queries sees one key",
    );
    near(
      weights([[1]], [[0], [third], [5]], { mask: hides([[1, 1, 0]]) }),
      [0.25, 0.75, 0],
      "the third key is hidden",
    );
  },
  "a query that sees nothing gets 0": () =>
    near(weights([[1]], [[0], [third]], { mask: hides([[0, 0]]) }), [0, 0], "both keys are hidden"),
};

export const probes: Probes = () => [
  ...weights(
    [
      [1, 2],
      [0.5, 1],
    ],
    [
      [0.3, 0],
      [1, -1],
    ],
    { causal: true },
  ),
  ...weights([[1], [2]], [[0], [third], [1]], {
    mask: hides([
      [1, 0, 1],
      [0, 0, 0],
    ]),
  }),
];
