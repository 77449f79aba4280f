import { cat, stack, tensor } from "tensorgrad";
import { lineChart } from "tensorgrad/plots";
import { ConfusionMatrix } from "tensorgrad/train";
import { describe, expect, it } from "vitest";

/** More than a call has room for on its stack. */
const MANY = 150_000;

describe("lists longer than a call's stack", () => {
  it("of tensors are joined, and each gets its gradient", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(cat(Array.from({ length: MANY }, () => x)).shape).toEqual([2 * MANY]);
    const weights = tensor(Array.from({ length: 10_000 }, (_, i) => [i % 3, 1]));
    const rows = stack(Array.from({ length: 10_000 }, () => x));
    rows.mul(weights).sum().backward();
    expect(rows.shape).toEqual([10_000, 2]);
    expect(x.grad?.toArray()).toEqual([9999, 10_000]);
  });

  it("of points are drawn", () => {
    const points = Array.from({ length: MANY }, (_, i): [number, number] => [i, Math.sin(i)]);
    const line = { name: "loss", points };
    expect(lineChart([line], { title: "loss", x: "step", y: "loss" })).toContain("<svg");
  });

  it("of classes are counted", () => {
    expect(new ConfusionMatrix(400).toString().split("\n")).toHaveLength(401);
  });
});
