import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray, ones, tensor, zeros } from "../01-tensor/index.ts";
import { ReLU, Tanh } from "../02-activations/index.ts";
import "tensorgrad";
import { type Layer, Linear, Residual, Sequential } from "./index.ts";

const double: Layer = { forward: (x) => x.mul(2) };

describe("Residual", () => {
  it("adds what its layers make of x to x: 3 + 2·(2·3)", () => {
    expect(new Residual(double, double).forward(tensor([3])).toArray()).toEqual([15]);
  });

  it("is the identity while its last layer is zero", () => {
    const last = new Linear(4, 3);
    for (const parameter of last.parameters()) parameter.assign(zeros(parameter.shape));
    const block = new Residual(new Linear(3, 4), new ReLU(), last);
    const x = tensor([[1, -2, 3]]);
    expect(block.forward(x).toArray()).toEqual(x.toArray());
  });

  it("lets the gradient pass beside the layers: 1 + 2 per block, 1 where the layers are dead", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    new Sequential(new Residual(double), new Residual(double)).forward(x).sum().backward();
    expect(x.grad?.toArray()).toEqual([9, 9]);
    const dead = tensor([-1, -2], { requiresGrad: true });
    new Residual(new ReLU()).forward(dead).sum().backward();
    expect(dead.grad?.toArray()).toEqual([1, 1]);
  });

  it("keeps gradients alive through forty layers, where a plain stack loses them", () => {
    const depth = 40;
    const x = fromArray([0.5, -0.3, 0.8, 0.1], [1, 4]);
    const first = (wrap: (...layers: Layer[]) => Layer) => {
      const random = new Random(1);
      const layers = Array.from({ length: depth }, () => wrap(new Linear(4, 4, { random }), new Tanh()));
      const model = new Sequential(...layers);
      model.forward(x).sum().backward();
      return model.parameters()[0].grad?.norm().item() ?? NaN;
    };
    expect(first((...layers) => new Sequential(...layers))).toBeLessThan(1e-6);
    expect(first((...layers) => new Residual(...layers))).toBeGreaterThan(1e-2);
  });

  it("names its parts as Sequential does, and prints as a tree", () => {
    const block = new Residual(new Linear(2, 3, { bias: false }), new ReLU(), new Linear(3, 2));
    expect(Object.keys(block.stateDict())).toEqual(["0.weight", "2.weight", "2.bias"]);
    expect(String(block)).toMatchInlineSnapshot(`
      "Residual() — 14 parameters
        0: Linear(2 → 3, bias: false) — 6 parameters: weight [3, 2]
        1: ReLU()
        2: Linear(3 → 2) — 8 parameters: weight [2, 3], bias [2]"
    `);
  });

  it("refuses layers that change the shape, even where it would broadcast", () => {
    expect(() =>
      new Residual(new Linear(64, 10)).forward(zeros([32, 64])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Residual: input [32, 64], after its layers [32, 10] — x + f(x) needs equal shapes; end with a layer that leads back to [32, 64]]`,
    );
    expect(() => new Residual({ forward: (x) => x.sum(1, { keepDim: true }) }).forward(ones([2, 3]))).toThrow(
      "input [2, 3], after its layers [2, 1]",
    );
  });

  it("takes layers one by one, not a list", () => {
    const list: unknown = [new ReLU()];
    expect(() => new Residual(list as Layer)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Residual: layer 0 is a list — every layer needs a forward(x); pass layers one by one: (first, second), or (...list)]`,
    );
    expect(
      () => new Sequential(new ReLU(), undefined as unknown as Layer),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Sequential: layer 1 is undefined — every layer needs a forward(x); pass layers one by one: (first, second), or (...list)]`,
    );
  });
});
