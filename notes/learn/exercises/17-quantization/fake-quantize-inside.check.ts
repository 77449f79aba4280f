import assert from "node:assert/strict";
import { tensor, zeros } from "tensorgrad";
import { quantization } from "tensorgrad/functions";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** The gradient of x for a gradient of 1, 2, 3, … of y; integers of `low` to `high`. */
function gradient(x: number[], scale: number, low: number, high: number): number[] {
  const input = tensor([x], { requiresGrad: true });
  const zero = zeros([1], { dtype: low === 0 ? "uint8" : "int8" });
  const y = new quantization.FakeQuantize(low, high).apply(input, tensor([scale]), zero);
  y.backward(tensor([x.map((_, i) => i + 1)]));
  return [...(input.grad?.data ?? [])];
}

function passes(x: number[], scale: number, low: number, high: number, expected: number[]): void {
  const found = gradient(x, scale, low, high);
  const range = `${low * scale} … ${high * scale}`;
  assert.deepEqual(
    found,
    expected,
    `x = [${x}], range ${range}: the gradient 1, 2, 3, … comes through as ${found}`,
  );
}

export const checks: Checks = {
  "within the range all of it passes, above the range nothing": () =>
    passes([0.1, 1, 2, 700], 0.5, -127, 127, [1, 2, 3, 0]),
  "below the range nothing passes": () => {
    passes([-700, -3, 0, 3], 0.5, -127, 127, [0, 2, 3, 4]);
    passes([-9, 1, 2, 3], 0.5, 0, 127, [0, 2, 3, 4]);
  },
  "the range is that of the steps, whatever the scale": () => {
    passes([50, 100], 0.5, -127, 127, [1, 0]);
    passes([150, 600], 4, -127, 127, [1, 0]);
  },
};

export const probes: Probes = () =>
  [
    () => gradient([-700, -3, 100, 700], 0.5, -127, 127),
    () => gradient([-600, 150, 600], 4, -127, 127),
  ].flatMap(attempt);
