import assert from "node:assert/strict";
import { MLP } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The output for inputs 1, 1 with all weights and biases 1. */
function outputOfOnes(): number {
  const model = new MLP(2, [2, 1]);
  for (const p of model.parameters()) p.data = 1;
  return model.forward([1, 1])[0].data;
}

/** The first weights of both layers of a network of 3 · 3 · 3. */
const firstWeights = (): number[] =>
  new MLP(3, [3, 3], { seed: 1 }).layers.map(({ neurons }) => neurons[0].weights[0].data);

export const checks: Checks = {
  "the output is linear": () =>
    near("two inputs 1, all parameters 1, layers of 2 and 1", outputOfOnes(), 1 + 2 * Math.tanh(3)),
  "layers fit each other": () => {
    const model = new MLP(3, [4, 2]);
    near("parameters of a network 3 → 4 → 2", model.parameters().length, 26);
    near("outputs of a network 3 → 4 → 2", model.forward([1, 2, 3]).length, 2);
  },
  "layers start from different numbers": () => {
    const [first, second] = firstWeights();
    assert.notEqual(first, second, `two layers of 3 neurons: both start with the weight ${first}`);
  },
};

export const probes: Probes = () => [
  ...tried(outputOfOnes),
  ...tried(firstWeights),
  ...tried(() => new MLP(3, [4, 2]).parameters().length),
];
