import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { batchNorm } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

const X = [0.5, 1.5, -1, 2, 0, 3];
const G = [1, -2, 0.5, 3, 0, -1];

/** Σ g·y of one channel normalised in training, and its gradient; float64 runs on the plain loops. */
function normalized(numbers: readonly number[], g: readonly number[] = G) {
  const column = (values: readonly number[], requiresGrad = false) =>
    tensor(
      values.map((value) => [value]),
      { dtype: "float64", requiresGrad },
    );
  const x = column(numbers, true);
  const weight = tensor([2], { dtype: "float64" });
  const y = batchNorm(x, null, null, weight, null, { training: true });
  y.backward(column(g));
  const loss = [...y.data].reduce((sum, value, i) => sum + value * g[i], 0);
  return { loss, y: [...y.data], gradient: [...(x.grad?.data ?? [])] };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export const checks: Checks = {
  "finite differences agree": () => {
    const { gradient } = normalized(X);
    for (const [i, value] of gradient.entries()) {
      const at = (h: number) => normalized(X.with(i, X[i] + h)).loss;
      const difference = (at(1e-5) - at(-1e-5)) / 2e-5;
      assert.ok(
        Math.abs(value - difference) < 1e-6,
        `the gradient of input ${i} is ${value}, finite differences give ${difference}`,
      );
    }
  },
  "a shift of all inputs changes nothing": () => {
    const total = sum(normalized(X).gradient);
    assert.ok(Math.abs(total) < 1e-9, `the gradients of a channel add up to ${total}, expected 0`);
  },
  "a larger spread changes nothing": () => {
    const { y, gradient } = normalized(X);
    const along = sum(gradient.map((value, i) => value * y[i]));
    assert.ok(Math.abs(along) < 1e-3, `along x̂ the gradient is ${along}, expected nearly 0`);
  },
};

export const probes: Probes = () => [
  ...normalized(X).gradient,
  ...normalized(X, [1, 1, 1, 2, 1, 1]).gradient,
];
