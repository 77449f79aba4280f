import assert from "node:assert/strict";
import { arange, type Tensor } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

const turned = (): Numbers => arange(6).reshape(2, 3).t().reshape(6).toArray();

/** The first three columns of a matrix of six. */
const columns = (): Tensor => arange(24).reshape(4, 6).narrow(1, 0, 3);

const split = (): { from: Tensor; to: Tensor } => {
  const from = columns();
  return { from, to: from.reshape(2, 2, 3) };
};

const across = (): Numbers => columns().reshape(3, 4).toArray();

export const checks: Checks = {
  "a transposed matrix as a list": () =>
    near("arange(6).reshape(2, 3).t().reshape(6)", turned(), [0, 3, 1, 4, 2, 5]),
  "rows of a slice may be grouped without a copy": () => {
    const { from, to } = split();
    near(
      "three columns of [4, 6] as [2, 2, 3]: its last row",
      to.select(0, 1).select(0, 1).toArray(),
      [18, 19, 20],
    );
    assert.equal(to.storage, from.storage, "three columns of [4, 6] as [2, 2, 3]: copied, expected a view");
  },
  "across a gap the numbers are copied": () =>
    near("three columns of [4, 6] as [3, 4]", across(), [
      [0, 1, 2, 6],
      [7, 8, 12, 13],
      [14, 18, 19, 20],
    ]),
};

export const probes: Probes = () => [
  ...tried(turned),
  ...tried(() => {
    const { from, to } = split();
    return from.storage === to.storage ? 1 : 0;
  }),
  ...tried(across),
];
