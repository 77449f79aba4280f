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

/** The weights of both layers of a network 1 → 1 → 1, and what it gives for the input 1. */
function smallest(): { first: number; second: number; output: number } {
  const model = new MLP(1, [1, 1], { seed: 1 });
  const [first, second] = model.layers.map(({ neurons }) => neurons[0].weights[0].data);
  return { first, second, output: model.forward([1])[0].data };
}

/** The outputs of a network 3 → 4 → 2 for inputs 1, with all parameters 1. */
function wider(): number[] {
  const model = new MLP(3, [4, 2]);
  for (const p of model.parameters()) p.data = 1;
  return model.forward([1, 1, 1]).map(({ data }) => data);
}

export const checks: Checks = {
  "the output is linear": () =>
    near("two inputs 1, all parameters 1, layers of 2 and 1", outputOfOnes(), 1 + 2 * Math.tanh(3)),
  "layers fit each other": () => {
    near("parameters of a network 3 → 4 → 2", new MLP(3, [4, 2]).parameters().length, 26);
    const due = 1 + 4 * Math.tanh(4);
    near("three inputs 1, all parameters 1, layers of 4 and 2", wider(), [due, due]);
  },
  "layers start from different numbers": () => {
    const { first, second, output } = smallest();
    assert.notEqual(first, second, `a network 1 → 1 → 1: both layers start with the weight ${first}`);
    near(`weights ${first} and ${second}, input 1`, output, second * Math.tanh(first));
  },
};

export const probes: Probes = () => [
  ...tried(outputOfOnes),
  ...tried(() => Object.values(smallest())),
  ...tried(() => new MLP(3, [4, 2]).parameters().length),
];
