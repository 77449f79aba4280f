import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { magnitudePrune } from "tensorgrad/compression";
import { Linear, Sequential } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** What is left of weights in one line. */
function left(weights: number[], sparsity: number): number[] {
  const line = new Linear(weights.length, 1, { bias: false });
  line.weight.assign(tensor([weights]));
  magnitudePrune(line, { sparsity });
  return [...line.weight.data];
}

/** What is left in two lines that compete with each other, or do not. */
function two(across: "model" | "layer"): number[] {
  const lines = [new Linear(2, 2, { bias: false }), new Linear(2, 1, { bias: false })];
  lines[0].weight.assign(
    tensor([
      [1, -2],
      [3, 0.5],
    ]),
  );
  lines[1].weight.assign(tensor([[0.25, -4]]));
  magnitudePrune(new Sequential(...lines), { sparsity: 0.5, across });
  return lines.flatMap(({ weight }) => [...weight.data]);
}

const stays = (weights: number[], sparsity: number, expected: number[]) =>
  assert.deepEqual(
    left(weights, sparsity).map((w) => w || 0),
    expected,
    `of [${weights}] with sparsity ${sparsity}, [${left(weights, sparsity)}] is left`,
  );

export const checks: Checks = {
  "the smallest magnitudes go": () => {
    stays([0.5, -2, 1, -0.25], 0.5, [0, -2, 1, 0]);
    stays([-5, 1, 2, 3, -4], 0.4, [-5, 0, 0, 3, -4]);
  },
  "of equal ones as many go as were asked for, the first ones": () => {
    stays([1, 1, -1, 1], 0.5, [0, 0, -1, 1]);
    stays([2, 1, -1, 3, 1], 0.4, [2, 0, 0, 3, 1]);
  },
  "weights of the whole model compete": () =>
    assert.deepEqual(
      two("model").map((w) => w || 0),
      [0, -2, 3, 0, 0, -4],
      `[[1, -2], [3, 0.5]] and [0.25, -4], half of all: ${two("model")} is left`,
    ),
};

export const probes: Probes = () => [
  ...attempt(() => left([-5, 1, 2, 3, -4], 0.4)),
  ...attempt(() => left([2, 1, -1, 3, 1], 0.4)),
  ...attempt(() => two("model")),
];
