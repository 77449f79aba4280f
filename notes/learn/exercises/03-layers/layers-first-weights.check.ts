import { Random } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { alike, near, tried } from "../compare.ts";

const made = (inputs: number, outputs: number): Linear =>
  new Linear(inputs, outputs, { random: new Random(3) });

/** The largest size of a weight, in units of 1/√inputs: close to 1 for many of them. */
const reach = (inputs: number, outputs: number): number =>
  Math.max(...made(inputs, outputs).weight.data.map(Math.abs)) * Math.sqrt(inputs);

export const checks: Checks = {
  "weights reach up to 1/√inputs": () => {
    near("400 inputs, 4 outputs: √400 · the largest weight", reach(400, 4), 1, 0.05);
    near("4 inputs, 400 outputs: √4 · the largest weight", reach(4, 400), 1, 0.05);
  },
  "the weight is [outputs, inputs]": () => {
    const layer = made(9, 2);
    alike("the weight's shape for 9 inputs and 2 outputs", layer.weight.shape, [2, 9]);
    near("the same layer: how far its largest weight is above 1/√9", Math.max(0, reach(9, 2) - 1), 0);
  },
};

export const probes: Probes = () => [...tried(() => reach(400, 4)), ...tried(() => made(9, 2).weight.shape)];
