import assert from "node:assert/strict";
import { Neuron } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { tried } from "../compare.ts";

const weights = (nin: number): number[] => new Neuron(nin, { seed: 1 }).weights.map((w) => w.data);

const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;

/** n times the mean square of the weights: 1 keeps the size of a signal. */
const spread = (nin: number): number => nin * mean(weights(nin).map((w) => w * w));

export const checks: Checks = {
  "a sum of n inputs spreads as far as one of them": () => {
    for (const nin of [30, 300]) {
      const came = spread(nin);
      const said = `${nin} inputs: n · variance is ${came.toFixed(3)}, expected about 1`;
      assert.ok(Math.abs(came - 1) < 0.3, said);
    }
  },
  "positive and negative weights balance": () => {
    const came = 300 * mean(weights(300));
    assert.ok(Math.abs(came) < 4, `300 weights: n · mean is ${came.toFixed(2)}, expected a number near 0`);
  },
};

export const probes: Probes = () => [...tried(() => weights(2)), ...tried(() => spread(50))];
