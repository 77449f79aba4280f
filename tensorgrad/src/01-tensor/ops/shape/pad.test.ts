import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { anyTensor, at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { ones, tensor, zeros } from "../../index.ts";

describe("pad", () => {
  const x = tensor([1, 2, 3]);

  it("adds what the mode says", () => {
    expect(x.pad([1, 2]).toArray()).toEqual([0, 1, 2, 3, 0, 0]);
    expect(x.pad([2, 0], { value: -1 }).toArray()).toEqual([-1, -1, 1, 2, 3]);
    expect(x.pad([2, 2], { mode: "reflect" }).toArray()).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(x.pad([2, 1], { mode: "replicate" }).toArray()).toEqual([1, 1, 1, 2, 3, 3]);
    expect(x.pad([3, 1], { mode: "circular" }).toArray()).toEqual([1, 2, 3, 1, 2, 3, 1]);
  });

  it("takes pairs from the last dim on, and takes elements away for negative ones", () => {
    expect(zeros([2, 3, 4]).pad([1, 2, 0, 5]).shape).toEqual([2, 8, 7]);
    expect(x.pad([-1, 1], { value: 9 }).toArray()).toEqual([2, 3, 9]);
    expect(x.pad([-3, 1], { value: 9 }).toArray()).toEqual([9]);
    expect(x.pad([-1, 2], { mode: "circular" }).toArray()).toEqual([2, 3, 1, 2]);
    expect(x.pad([]).toArray()).toEqual([1, 2, 3]);
    expect(tensor([true]).pad([1, 0]).dtype).toBe("bool");
  });

  it("finds every element by a position on the original, for any strides", () => {
    const modes = ["constant", "reflect", "replicate", "circular"] as const;
    const plan = anyTensor({ minRank: 1, minSize: 1, maxRank: 3 }).chain((x) =>
      fc.tuple(
        fc.constant(x),
        fc.constantFrom(...modes),
        fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
      ),
    );
    fc.assert(
      fc.property(plan, ([x, mode, amounts]) => {
        const most = (d: number) =>
          mode === "reflect" ? x.shape[d] - 1 : mode === "circular" ? x.shape[d] : 3;
        const ends = x.shape.map((_, d) => [0, 1].map((end) => Math.min(amounts[2 * d + end], most(d))));
        const y = x.pad(ends.toReversed().flat(), { mode, value: 7 });
        expectElements(
          y,
          x.shape.map((n, d) => n + ends[d][0] + ends[d][1]),
          (index) => {
            const place = index.map((i, d) => walk(i - ends[d][0], x.shape[d], mode));
            return place.includes(-1) ? 7 : at(x, place);
          },
        );
      }),
    );
  });

  it("sends the gradient back to what each copy was made from", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const slope = (mode: "constant" | "reflect" | "replicate" | "circular") =>
      grad(x.pad([1, 2], { mode, value: 4 }).sum(), [x])[0].toArray();
    expect(slope("constant")).toEqual([1, 1, 1]);
    expect(slope("reflect")).toEqual([2, 3, 1]); // 2 | 1 2 3 | 2 1
    expect(slope("replicate")).toEqual([2, 1, 3]);
    expect(slope("circular")).toEqual([2, 2, 2]);
  });

  it("says what cannot be padded", () => {
    expect(() => ones([2, 3]).pad([1, 2, 3])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: pad: padding [1, 2, 3] for a tensor of shape [2, 3] — whole numbers in pairs (before, after), last dim first, at most 2 pairs]`,
    );
    expect(() => ones([2, 3]).pad([0, -4])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: pad: padding [0, -4] for a tensor of shape [2, 3] — dim 1 would have -1 elements]`,
    );
    expect(() => ones([2, 3]).pad([3, 0], { mode: "reflect" })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: pad: padding [3, 0] for a tensor of shape [2, 3] — mode "reflect" finds at most 2 elements beyond dim 1]`,
    );
    expect(() => ones([2, 0]).pad([1, 0], { mode: "replicate" })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: pad: padding [1, 0] for a tensor of shape [2, 0] — mode "replicate" finds at most 0 elements beyond dim 1]`,
    );
    expect(() =>
      ones([2], { dtype: "int32" }).pad([1, 0], { value: 0.5 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: pad: 0.5 into a tensor of shape [2] int32 — only floats hold it; use x.to("float32")]`,
    );
    expect(() => ones([2]).pad([1, 0], { mode: "mirror" as never })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: pad: mode "mirror" — modes are "constant", "reflect", "replicate", "circular"]`,
    );
  });
});

/** Where a position beyond a line of n elements is found: by steps back and forth, without arithmetic of remainders. */
function walk(i: number, n: number, mode: "constant" | "reflect" | "replicate" | "circular"): number {
  if (i >= 0 && i < n) return i;
  if (mode === "constant") return -1;
  if (mode === "replicate") return i < 0 ? 0 : n - 1;
  if (mode === "circular") return walk(i < 0 ? i + n : i - n, n, mode);
  return walk(i < 0 ? -i : 2 * (n - 1) - i, n, mode);
}
