import assert from "node:assert/strict";
import { Neuron, type Options } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** A neuron with weights 2 and -1, bias 0.5. */
function neuron(nonlin: NonNullable<Options["nonlin"]>): Neuron {
  const made = new Neuron(2, { nonlin });
  made.weights.forEach((w, i) => {
    w.data = [2, -1][i];
  });
  made.bias.data = 0.5;
  return made;
}

const output = (nonlin: NonNullable<Options["nonlin"]>, x: number[]): number =>
  neuron(nonlin).forward(x).data;

export const checks: Checks = {
  "weights, inputs and bias": () =>
    near("weights 2, -1, bias 0.5, linear, inputs 1, 4", output(false, [1, 4]), -1.5),
  "the activation that was asked for": () => {
    near("the same neuron with relu, inputs 3, 1", output("relu", [3, 1]), 5.5);
    near("the same neuron with tanh, inputs 3, 1", output("tanh", [3, 1]), Math.tanh(5.5));
  },
  "another number of inputs is refused": () => {
    const call = () => neuron(false).forward([1]);
    assert.throws(call, RangeError, "one input for two weights: expected a RangeError");
  },
};

export const probes: Probes = () => [
  ...tried(() => output(false, [1, 4])),
  ...tried(() => output("relu", [3, 1])),
  ...tried(() => output(false, [1])),
];
