import { tensor } from "tensorgrad";
import { gemm } from "../../../../tensorgrad/src/01-tensor/ops/products/matmul.reference.ts";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

const float64 = { dtype: "float64" } as const; // its products run on this loop
const A = [
  [1, 2, 3],
  [4, 5, 6],
];
const B = [
  [1, 0],
  [2, 1],
  [0, 3],
];

const product = (): Numbers => tensor(A, float64).matmul(tensor(B, float64)).toArray();
/** Aᵀ·Bᵀ, both read through their strides. */
const transposed = (): Numbers => tensor(A, float64).t().matmul(tensor(B, float64).t()).toArray();

/** alpha · [2]·[5] + beta · [c], a product of matrices with one element. */
function single(alpha: number, beta: number, old: number): number {
  const [a, b, c] = [2, 5, old].map((x) => Float64Array.of(x));
  const [size, step] = [
    { m: 1, n: 1, k: 1 },
    { aRow: 1, aCol: 1, bRow: 1, bCol: 1, cRow: 1 },
  ];
  gemm({ a, b, c, ...size, ...step, alpha, beta });
  return c[0];
}

export const checks: Checks = {
  "rows times columns": () =>
    near("[[1, 2, 3], [4, 5, 6]] · [[1, 0], [2, 1], [0, 3]]", product(), [
      [5, 11],
      [14, 23],
    ]),
  "transposed matrices through their strides": () =>
    near("the first matrix transposed times the second transposed", transposed(), [
      [1, 6, 12],
      [2, 9, 15],
      [3, 12, 18],
    ]),
  "alpha and beta": () => near("3 · [2]·[5] + 1 · [4]", single(3, 1, 4), 34),
  "with beta 0 the old content does not matter": () =>
    near("1 · [2]·[5] + 0 · [NaN]", single(1, 0, Number.NaN), 10),
};

export const probes: Probes = () => [
  ...tried(product),
  ...tried(transposed),
  ...tried(() => single(3, 1, 4)),
  ...tried(() => single(1, 0, Number.NaN)),
];
