import assert from "node:assert/strict";
import { grad, type Tensor, tensor } from "tensorgrad";
import { scaledDotProductAttention } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

const START = {
  q: [0.5, -1, 1, 0.25, -0.5, 2],
  k: [1, 0.5, -0.75, 1.5, 0.25, -1],
  v: [2, -1, 0.5, 1, -1.5, 3],
};
const G = [1, -0.5, 2, 0.25, -1, 1.5];
type Name = keyof typeof START;
const names: readonly Name[] = ["q", "k", "v"];

const matrix = (numbers: readonly number[], requiresGrad = false): Tensor =>
  tensor(
    [numbers.slice(0, 2), numbers.slice(2, 4), numbers.slice(4)].map((row) => [...row]),
    {
      dtype: "float64",
      requiresGrad,
    },
  );

/** Σ g·y of three queries and keys of width 2. */
function loss(numbers: Record<Name, readonly number[]>, requiresGrad = false) {
  const [q, k, v] = names.map((name) => matrix(numbers[name], requiresGrad));
  const y = scaledDotProductAttention(q, k, v, { causal: true }).mul(matrix(G)).sum();
  return { operands: [q, k, v], y };
}

/** Gradients that can be differentiated again are made of tensor operations; others come from the fused kernel. */
function gradients(): Record<Name, number[]> {
  const { operands, y } = loss(START, true);
  const [q, k, v] = grad(y, operands, { createGraph: true }).map((g) => [...(g?.data ?? [])]);
  return { q, k, v };
}

function agree(name: Name): void {
  for (const [i, value] of gradients()[name].entries()) {
    const at = (h: number) => loss({ ...START, [name]: START[name].with(i, START[name][i] + h) }).y.item();
    const difference = (at(1e-5) - at(-1e-5)) / 2e-5;
    assert.ok(
      Math.abs(value - difference) < 1e-6,
      `the gradient of ${name} at number ${i} is ${value}, finite differences give ${difference}`,
    );
  }
}

export const checks: Checks = {
  "the gradient of v": () => agree("v"),
  "the gradient of k": () => agree("k"),
  "the gradient of q": () => agree("q"),
};

export const probes: Probes = () => Object.values(gradients()).flat();
