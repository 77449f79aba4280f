import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, tensor } from "../01-tensor/index.ts";
import { huber, l1, SmoothL1Loss, smoothL1 } from "./index.ts";

const float64 = { dtype: "float64" } as const;
const none = { reduction: "none" } as const;

describe("smoothL1", () => {
  const x = tensor([0.5, -1, 2, 0, -3], { ...float64, requiresGrad: true });
  const y = tensor([0, 1, 4, 0.25, -1e300], float64);

  it("is a parabola up to beta, then a line of slope 1 (numbers of PyTorch 1.13)", () => {
    const losses = smoothL1(x, y, { beta: 0.5, ...none });
    expect([...losses.data]).toEqual([0.25, 1.75, 1.75, 0.0625, 1e300]);
    expect([...grad(losses.sum(), [x])[0].data]).toEqual([1, -1, -1, -0.5, 1]);
  });

  it("is huber over its delta, and l1 with beta 0", () => {
    expect(smoothL1(x, y, { beta: 2, ...none }).toArray()).toEqual(
      huber(x, y, { delta: 2, ...none })
        .div(2)
        .toArray(),
    );
    expect(new SmoothL1Loss({ beta: 0 }).forward(x, y).item()).toBe(l1(x, y).item());
  });

  it("refuses a beta below 0, and another shape", () => {
    expect(() => smoothL1(x, y, { beta: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: smoothL1: beta = -1 — a number, 0 or more]`,
    );
    expect(() => smoothL1(x, ones([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: smoothL1: predictions [5], targets [2] — shapes must be equal; reshape one of them]`,
    );
  });
});
