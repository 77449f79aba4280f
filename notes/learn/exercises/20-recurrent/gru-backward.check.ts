import assert from "node:assert/strict";
import { noGrad, Random, randn, type Tensor } from "tensorgrad";
import { GRU } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

// In float64, which the plain loops compute.

const [T, B, IN, H] = [3, 2, 2, 2];

function drawn() {
  const random = new Random(9);
  const one = (...shape: number[]) => randn(shape, { random, dtype: "float64", requiresGrad: true });
  const [x, start, weights] = [one(T, B, IN), one(1, B, H), one(T, B, H)];
  const gru = new GRU(IN, H, { random, batchFirst: false }).to("float64");
  return { x, start, weights: weights.detach(), gru };
}

type Drawn = ReturnType<typeof drawn>;

/** Σ of all outputs, each with a weight of its own. */
const lossOf = ({ x, start, weights, gru }: Drawn): Tensor =>
  gru
    .run(x, { state: [start] })
    .output.mul(weights)
    .sum();

const parts = ({ x, start, gru }: Drawn): Record<string, Tensor> => ({
  x,
  start,
  ...Object.fromEntries(gru.namedParameters()),
});

function gradients(): Record<string, number[]> {
  const all = drawn();
  lossOf(all).backward();
  return Object.fromEntries(Object.entries(parts(all)).map(([name, t]) => [name, [...(t.grad?.data ?? [])]]));
}

/** The slope of the loss along one number of a tensor, by differences. */
function slope(name: string, i: number): number {
  const at = (by: number): number =>
    noGrad(() => {
      const all = drawn();
      const t = parts(all)[name];
      t.assign(t.add(oneHot(t, i, by)));
      return lossOf(all).item();
    });
  return (at(1e-5) - at(-1e-5)) / 2e-5;
}

function oneHot(like: Tensor, i: number, value: number): Tensor {
  const t = like.detach().mul(0);
  return t
    .flatten()
    .add(
      t.newFrom(
        Float64Array.from({ length: t.size }, (_, k) => (k === i ? value : 0)),
        [t.size],
      ),
    )
    .reshape(t.shape);
}

function agree(name: RegExp, what: string): void {
  for (const [path, found] of Object.entries(gradients())) {
    if (!name.test(path)) continue;
    for (const [i, value] of found.entries()) {
      const expected = slope(path, i);
      assert.ok(
        Math.abs(value - expected) < 1e-6,
        `${what}, number ${i}: the gradient is ${value.toFixed(5)}, by differences ${expected.toFixed(5)}`,
      );
    }
  }
}

export const checks: Checks = {
  "the gradient of the input equals finite differences": () => agree(/^x$/, "the input"),
  "the gradient of the first bias, W·x + b": () => agree(/bias_ih/, "the first bias"),
  "the gradient of the second bias, R·h + b′": () => agree(/bias_hh/, "the second bias"),
  "the gradient of the first state": () => agree(/^start$/, "the first state"),
};

export const probes: Probes = () => [
  ...attempt(() => gradients().start),
  ...attempt(() => {
    const { x, ...rest } = gradients();
    return [
      ...x.slice(0, 4),
      ...Object.entries(rest).flatMap(([path, g]) => (path.includes("bias") ? g : [])),
    ];
  }),
];
