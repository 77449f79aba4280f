import assert from "node:assert/strict";
import { Random, randn, tensor } from "tensorgrad";
import { naiveMatmul } from "tensorgrad/acceleration";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const A = [
  [1, 2, 3],
  [4, 5, 6],
];
const B = [
  [1, 0],
  [10, 1],
  [100, 2],
];

const product = (a: number[][], b: number[][]): number[][] =>
  naiveMatmul(tensor(a), tensor(b)).toArray() as number[][];

export const checks: Checks = {
  "a product that can be done by hand": () =>
    assert.deepEqual(
      product(A, B),
      [
        [321, 8],
        [654, 17],
      ],
      `[[1, 2, 3], [4, 5, 6]] · [[1, 0], [10, 1], [100, 2]] gives ${JSON.stringify(product(A, B))}`,
    ),
  "a row times a column is one number, a column times a row a matrix": () => {
    assert.deepEqual(product([[1, 2, 3]], [[1], [10], [100]]), [[321]], "[1, 3] · [3, 1]");
    assert.deepEqual(
      product([[1], [2]], [[3, 5]]),
      [
        [3, 5],
        [6, 10],
      ],
      `[2, 1] · [1, 2] gives ${JSON.stringify(product([[1], [2]], [[3, 5]]))}`,
    );
  },
  "it agrees with matmul, whatever the sizes": () => {
    const random = new Random(2);
    for (const [m, k, n] of [
      [2, 3, 5],
      [5, 2, 3],
      [1, 4, 4],
    ]) {
      const [a, b] = [randn([m, k], { random }), randn([k, n], { random })];
      const far = naiveMatmul(a, b).sub(a.matmul(b)).abs().max().item();
      assert.ok(far < 1e-5, `[${m}, ${k}] · [${k}, ${n}] is off by ${far.toFixed(3)}`);
    }
  },
};

export const probes: Probes = () => [
  ...attempt(() => product(A, B).flat()),
  ...attempt(() =>
    product(
      [[1, 2]],
      [
        [3, 4, 5],
        [6, 7, 8],
      ],
    ).flat(),
  ),
];
