import { describe, expect, it } from "vitest";
import { arange, full, tensor } from "../01-tensor/index.ts";
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

  it("without layers changes nothing", () => {
    const x = full([2], 3);
    expect(new Sequential().forward(x)).toBe(x);
  });
});

describe("Flatten", () => {
  it("keeps the batch and makes one row of each image", () => {
    const x = arange(24).reshape(2, 3, 2, 2);
    expect(new Flatten().forward(x).shape).toEqual([2, 12]);
    expect(new Flatten(2).forward(x).shape).toEqual([2, 3, 4]);
    expect(new Flatten(0).forward(x).toArray()).toEqual([...Array(24).keys()]);
  });
});
