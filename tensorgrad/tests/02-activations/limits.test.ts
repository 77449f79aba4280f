import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { gelu, logSoftmax, relu, sigmoid, silu, softmax, tanh } from "../../src/02-activations/index.ts";

/** Functions whose value has a limit where an input goes to −∞, as a mask makes it, and their slopes, too. */
const functions: Record<string, (x: Tensor) => Tensor> = {
  logSumExp: (x) => x.logSumExp(),
  softmax,
  logSoftmax: (x) => logSoftmax(x).exp(),
  relu,
  sigmoid,
  silu,
  tanh,
  gelu,
  "gelu (tanh)": (x) => gelu(x, { approximate: "tanh" }),
  std: (x) => x.clamp(-1).std(),
  "norm of e^x": (x) => x.exp().norm(),
  "norm of e^x, p = 3": (x) => x.exp().norm(undefined, { p: 3 }),
  "product of e^x": (x) => x.exp().prod(),
  "running sums of e^x": (x) => x.exp().cumsum(0),
};

describe("where a value has a limit, the gradient has one", () => {
  const number = fc.constantFrom(-Infinity, -Infinity, -2, 0, 1);
  const rows = fc.array(number, { minLength: 2, maxLength: 5 });

  it.each(Object.entries(functions))("%s, fused and recorded", (_, f) => {
    fc.assert(
      fc.property(rows, fc.boolean(), (data, createGraph) => {
        const x = tensor(data, { requiresGrad: true, dtype: "float64" });
        const y = f(x);
        const [g] = grad(y.sum(), [x], { createGraph });
        for (const [i, slope] of g.data.entries()) {
          if (!y.data.some(Number.isNaN)) expect(slope, `gradient ${i} of ${data}`).not.toBeNaN();
        }
      }),
    );
  });

  it("0 for logSumExp of nothing but −∞; silu and gelu are flat on the left and the diagonal on the right", () => {
    const x = tensor([-Infinity, -Infinity], { requiresGrad: true });
    x.logSumExp().backward();
    expect(x.grad?.toArray()).toEqual([0, 0]);
    const ends = tensor([-Infinity, Infinity], { requiresGrad: true });
    for (const f of [silu, gelu]) {
      for (const createGraph of [false, true]) {
        const [g] = grad(f(ends).sum(), [ends], { createGraph });
        expect([...g.data].map((slope) => slope + 0)).toEqual([0, 1]); // −0 + 0 is 0
      }
    }
  });
});
