import { describe, expect, it } from "vitest";
import { arange, full, tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import { Flatten, type Layer, Linear, Sequential } from "./index.ts";

describe("Sequential", () => {
  it("is the composition of its layers, objects of one's own included", () => {
    const [first, second] = [new Linear(2, 3), new Linear(3, 1)];
    const double: Layer = { forward: (x) => x.mul(2) };
    const x = tensor([[1, 2]]);
    const expected = second.forward(first.forward(x).mul(2));
    expect(new Sequential(first, double, second).forward(x).toArray()).toEqual(expected.toArray());
    expect(new Sequential(new Sequential(first, double), second).forward(x).toArray()).toEqual(
      expected.toArray(),
    );
  });

  it("knows the further modules of a subclass, under their own names", () => {
    class TwoHeads extends Sequential {
      readonly mean = new Linear(3, 1);
      readonly spread = [new Linear(3, 2), new ReLU()];
    }
    const model = new TwoHeads(new Linear(2, 3));
    expect(model.namedParameters().map(([path]) => path)).toEqual([
      "0.weight",
      "0.bias",
      "mean.weight",
      "mean.bias",
      "spread.0.weight",
      "spread.0.bias",
    ]);
    expect(model.eval().mean.training).toBe(false);
    expect(String(model)).toContain("\n  mean: Linear(3 → 1)");
  });

  it("without layers changes nothing", () => {
    const x = full([2], 3);
    expect(new Sequential().forward(x)).toBe(x);
  });
});

describe("Flatten", () => {
  it("keeps the batch and makes one row of each image", () => {
    const x = arange(24).reshape(2, 3, 2, 2);
    expect(new Flatten().forward(x).shape).toEqual([2, 12]);
    expect(`${new Flatten()} ${new Flatten(2)}`).toBe("Flatten() Flatten(start: 2)");
    expect(new Flatten(2).forward(x).shape).toEqual([2, 3, 4]);
    expect(new Flatten(0).forward(x).toArray()).toEqual([...Array(24).keys()]);
  });
});
