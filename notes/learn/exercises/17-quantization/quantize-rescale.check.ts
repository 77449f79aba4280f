import assert from "node:assert/strict";
import { fromArray, noGrad, tensor } from "tensorgrad";
import { Linear, QuantizedLinear } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

// Inputs of float64: the plain loops compute them.

const WEIGHT = [
  [1, -2, 0.5],
  [10, 4, -30],
];
const X = [
  [1, 0.5, -1],
  [5, 4, 3],
];

function layer(bias: readonly [number, number] | null): {
  readonly plain: Linear;
  readonly integer: QuantizedLinear;
} {
  const plain = new Linear(3, 2, { bias: bias !== null });
  plain.weight.assign(tensor(WEIGHT));
  if (bias) plain.bias?.assign(tensor([...bias]));
  return { plain, integer: new QuantizedLinear(plain, { bits: 8 }) };
}

function outputs(x: number[][], bias: readonly [number, number] | null = null): number[][] {
  const { integer } = layer(bias);
  return noGrad(
    () => integer.forward(fromArray(Float64Array.from(x.flat()), [x.length, 3])).toArray() as number[][],
  );
}

/** As near to the layer of floats as rounding allows. */
function close(x: number[][], bias: readonly [number, number] | null, what: string): void {
  const expected = layer(bias).plain.forward(tensor(x)).toArray() as number[][];
  for (const [r, row] of outputs(x, bias).entries())
    for (const [c, value] of row.entries())
      assert.ok(
        Math.abs(value - expected[r][c]) < 0.02 * (c === 0 ? 10 : 200),
        `${what}: y[${r}, ${c}] is ${value.toFixed(3)}, without integers ${expected[r][c].toFixed(3)}`,
      );
}

export const checks: Checks = {
  "inputs on both sides of 0: the zero point is undone": () => close([X[0]], null, "x = [1, 0.5, -1]"),
  "each output has the scale of its own weights": () => close(X, null, "two rows"),
  "the bias is added as it is": () => {
    close(X, [7, -100], "with a bias of [7, -100]");
    const [row] = outputs([[0, 0, 0]], [7, -100]);
    assert.deepEqual(row, [7, -100], `an input of zeros gives ${row}, not the bias`);
  },
};

export const probes: Probes = () => [
  ...attempt(() => outputs(X).flat()),
  ...attempt(() => outputs(X, [7, -100]).flat()),
];
