import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { fromSparse, toSparse } from "tensorgrad/compression";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** Twenty numbers, most of them 0. */
const FEW = Array.from({ length: 20 }, (_, i) => ([2, 9, 10, 17].includes(i) ? i : 0));
const LATE = Array.from({ length: 40 }, (_, i) => (i >= 35 ? i : 0));

const back = (values: number[]): number[] => [...fromSparse(toSparse(tensor(values))).data];
const bitmap = (values: number[]): number[] => [...toSparse(tensor(values)).bitmap];

export const checks: Checks = {
  "elements beyond the eighth come back": () => {
    for (const values of [FEW, LATE])
      assert.deepEqual(back(values), values, `[${values}] comes back as [${back(values)}]`);
  },
  "bit i mod 8 of byte ⌊i/8⌋ belongs to element i": () => {
    assert.deepEqual(bitmap(FEW), [4, 6, 2], `elements 2, 9, 10 and 17 of 20 give the bytes ${bitmap(FEW)}`);
    assert.deepEqual(bitmap([...FEW.slice(0, 8), 1]), [4, 1], "elements 2 and 8 of 9");
  },
};

export const probes: Probes = () => [
  ...attempt(() => [...bitmap(FEW), ...back(FEW)]),
  ...attempt(() => bitmap(LATE)),
];
