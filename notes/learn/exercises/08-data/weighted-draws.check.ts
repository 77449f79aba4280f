import assert from "node:assert/strict";
import { Random } from "tensorgrad";
import { WeightedRandomSampler } from "tensorgrad/data";
import type { Checks, Probes } from "../../exercise.ts";

/** Orders of a pass without replacement. */
function orders(weights: readonly number[], times: number, seed = 1, count?: number): number[][] {
  const sampler = new WeightedRandomSampler(weights, { replacement: false, ...(count && { count }) });
  const random = new Random(seed);
  return Array.from({ length: times }, () => [...sampler.order(random)]);
}
const share = (all: readonly number[][], is: (order: number[]) => boolean) =>
  all.filter(is).length / all.length;

export const checks: Checks = {
  "the first draw follows the weights": () => {
    const measured = share(orders([1, 3], 2000), ([first]) => first === 1);
    assert.ok(
      Math.abs(measured - 0.75) < 0.03,
      `of weights 1 and 3, the second came first in ${measured} of 2000 passes, expected about 0.75`,
    );
  },
  "no example comes twice": () => {
    const order = orders([5, 1, 1, 1, 5, 1], 1, 7)[0];
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5],
      `a pass over six examples showed ${order.join(", ")}`,
    );
  },
  "a heavy example is hardly ever left out": () => {
    const measured = share(orders([1, 1000, 1], 100, 3, 1), ([first]) => first === 1);
    assert.ok(
      measured > 0.9,
      `the example of weight 1000 among two of weight 1 was drawn in ${measured} of 100 passes`,
    );
  },
};

export const probes: Probes = () => [...orders([1, 3, 0, 0.5, 2], 6, 5, 4), ...orders([1, 2], 12, 9)].flat();
