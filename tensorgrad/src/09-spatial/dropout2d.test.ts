import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { ones, zeros } from "../01-tensor/index.ts";
import { Dropout2d } from "./index.ts";

describe("Dropout2d", () => {
  it("silences whole channels and scales the rest by 1/(1 − p)", () => {
    const y = new Dropout2d(0.75, { random: new Random(3) }).forward(ones([40, 20, 2, 3]));
    const channels = y.reshape(800, 6);
    expect(new Set(channels.select(1, 0).data)).toEqual(new Set([0, 4]));
    expect(channels.amax(1).sub(channels.amin(1)).abs().max().item()).toBe(0);
    expect(Math.abs(channels.select(1, 0).eq(0).sum().item() / 800 - 0.75)).toBeLessThan(0.08);
  });

  it("does nothing in eval mode, or with p = 0", () => {
    const x = ones([2, 3, 4, 4]);
    expect(new Dropout2d(0.9).eval().forward(x)).toBe(x);
    expect(new Dropout2d(0).forward(x)).toBe(x);
  });

  it("prints its p, and names what makes no sense", () => {
    expect(String(new Dropout2d(0.1))).toBe("Dropout2d(p: 0.1)");
    expect(() => new Dropout2d(1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Dropout2d: p = 1 — a probability from 0 to below 1]`,
    );
    expect(() => new Dropout2d().forward(zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Dropout2d(p: 0.5): expected images [N, C, …], got [3]]`,
    );
  });
});
