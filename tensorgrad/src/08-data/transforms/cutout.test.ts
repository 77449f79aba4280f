import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { ones } from "../../01-tensor/index.ts";
import { Cutout } from "./cutout.ts";

describe("Cutout", () => {
  it("covers one square, the same in every channel, every pixel about equally often", () => {
    const y = new Cutout(2).apply(ones([4000, 2, 4, 4]), { random: new Random(1) });
    expect(y.select(1, 0).eq(y.select(1, 1)).all().item()).toBe(1);
    const covered = y.select(1, 0).eq(0);
    expect(Math.max(...covered.sum([1, 2]).data)).toBe(4);
    // A square has its centre on each of 16 pixels; inner pixels are under 4 of these squares, those at the edge under fewer.
    expect(covered.select(1, 1).select(1, 1).sum().item() / 4000).toBeCloseTo(4 / 16, 1);
    expect(covered.select(1, 3).select(1, 3).sum().item() / 4000).toBeCloseTo(1 / 16, 1);
  });

  it("leaves the image alone at size 0, and refuses what is no size", () => {
    expect(new Cutout(0).apply(ones([1, 2, 2])).toArray()).toEqual(ones([1, 2, 2]).toArray());
    expect(() => new Cutout(1.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Cutout: size 1.5 — the square's side is an integer ≥ 0, in pixels]`,
    );
  });
});
