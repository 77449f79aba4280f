import { readFileSync } from "node:fs";
import { type DType, fromArray, grad, type Tensor } from "tensorgrad";
import { conv2d, linear, softmax } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";

interface Told {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly inputs: readonly Told[];
  readonly result: Told;
  readonly dtype: DType;
  readonly cotangent: Told;
  readonly gradients: readonly Told[];
}

/** Written by pytorch.py beside it. */
const file = new URL("pytorch.cases.json", import.meta.url);
const { torch, cases } = JSON.parse(readFileSync(file, "utf8")) as { torch: string; cases: readonly Case[] };

const functions: Readonly<Record<string, (...inputs: Tensor[]) => Tensor>> = {
  matmul: (a, b) => a.matmul(b),
  linear: (x, w, b) => linear(x, w, b),
  conv2d: (x, w, b) => conv2d(x, w, b, { padding: 1 }),
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  exp: (x) => x.exp(),
  relu: (x) => x.relu(),
  sum: (x) => x.sum(0),
  mean: (x) => x.mean(0),
  softmax: (x) => softmax(x, 1),
};

/** Gradients that PyTorch composes of several operations in bfloat16, each rounded. */
const composed = new Set(["div", "tanh", "sigmoid", "softmax"]);

const made = ({ data, shape }: Told) =>
  fromArray([...data], shape, { dtype: "bfloat16", requiresGrad: true });

/** The largest difference, in last places of the largest number. */
function places(given: Tensor, wanted: Told): number {
  const largest = Math.max(...wanted.data.map(Math.abs));
  const place = 2 ** (Math.floor(Math.log2(largest)) - 7);
  return Math.max(...wanted.data.map((value, i) => Math.abs(given.data[i] - value))) / place;
}

describe(`bfloat16 as PyTorch ${torch} has it`, () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (name, one) => {
    const inputs = one.inputs.map(made);
    const y = functions[name](...inputs);
    expect([y.dtype, [...y.shape]]).toEqual([one.dtype, one.result.shape]);
    expect(places(y, one.result)).toBeLessThanOrEqual(1); // sums in another order may round to the neighbour
    const gradients = grad(y.mul(made(one.cotangent)).to("float32").sum(), inputs);
    for (const [i, wanted] of one.gradients.entries()) {
      expect(gradients[i].dtype).toBe("bfloat16");
      expect(places(gradients[i], wanted), `gradient ${i}`).toBeLessThanOrEqual(composed.has(name) ? 4 : 1);
    }
  });
});
