import { tensor } from "tensorgrad";
import { layers } from "tensorgrad/functions";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

const [X, W, B] = [
  [
    [1, 2],
    [0, 1],
  ],
  [
    [3, -1],
    [2, 5],
  ],
  [10, 20],
];

const output = (x: number[][], w: number[][], b: number[]): Numbers =>
  new layers.Affine().apply(tensor(x), tensor(w), tensor(b)).toArray();

const gradients = (): Numbers[] =>
  gradientsOf(
    new layers.Affine(),
    tensor([
      [1, 0],
      [0, 2],
    ]),
    ...[X, W, B].map((values) => tensor(values, { requiresGrad: true })),
  );

export const checks: Checks = {
  "one row by hand": () =>
    near("x [[3, 1]], w [[1, -2]], b [0.5]", output([[3, 1]], [[1, -2]], [0.5]), [[1.5]]),
  "two rows, two outputs": () =>
    near("x [[1, 2], [0, 1]], w [[3, -1], [2, 5]], b [10, 20]", output(X, W, B), [
      [11, 32],
      [9, 25],
    ]),
  "x and w are there for the rule": () =>
    near("g [[1, 0], [0, 2]]: gradients of x, w and b", gradients(), [
      [
        [3, -1],
        [4, 10],
      ],
      [
        [1, 2],
        [0, 2],
      ],
      [1, 2],
    ]),
};

export const probes: Probes = () => [...tried(() => output(X, W, B)), ...tried(gradients)];
