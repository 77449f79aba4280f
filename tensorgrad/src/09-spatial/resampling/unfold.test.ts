import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { arange, ones, randn, zeros } from "../../01-tensor/index.ts";
import { conv2d, fold, unfold } from "../index.ts";

const image = arange(9).to("float32").reshape(1, 1, 3, 3);

describe("unfold", () => {
  it("shows what a filter sees, a column for every place", () => {
    expect(unfold(image, 2).toArray()).toEqual([
      [
        [0, 1, 3, 4],
        [1, 2, 4, 5],
        [3, 4, 6, 7],
        [4, 5, 7, 8],
      ],
    ]);
    expect(unfold(image, [1, 2], { stride: [2, 1], padding: [0, 1] }).toArray()).toEqual([
      [
        [0, 0, 1, 2, 0, 6, 7, 8],
        [0, 1, 2, 0, 6, 7, 8, 0],
      ],
    ]);
    expect(unfold(image.squeeze(0), 3).shape).toEqual([9, 1]);
  });

  it("turns a convolution into one product", () => {
    const small = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(small, small, fc.tuple(small, small), small, fc.nat(), (C, O, kernel, stride, seed) => {
        const random = new Random(seed);
        const x = randn([2, C, 7, 6], { random, dtype: "float64" });
        const w = randn([O, C, ...kernel], { random, dtype: "float64" });
        const options = { stride, padding: 1, dilation: 2 };
        const y = conv2d(x, w, null, options);
        const product = w
          .reshape(O, -1)
          .matmul(unfold(x, kernel, options))
          .reshape(y.shape);
        expect(product.sub(y).abs().max().item()).toBeLessThan(1e-12);
      }),
      { numRuns: 30 },
    );
  });
});

describe("fold", () => {
  it("adds up what lies over a pixel: as often as the filter sees it", () => {
    expect(fold(unfold(ones([1, 1, 3, 3]), 2), 3, 2).toArray()).toEqual([
      [
        [
          [1, 2, 1],
          [2, 4, 2],
          [1, 2, 1],
        ],
      ],
    ]);
    expect(fold(unfold(image, 3, { stride: 3 }), 3, 3, { stride: 3 }).toArray()).toEqual(image.toArray());
  });
});

describe("what does not fit is named", () => {
  it("by unfold", () => {
    expect(() => unfold(zeros([3, 3]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: unfold: expected images [N, C, H, W] or one [C, H, W], got [3, 3]]`,
    );
    expect(() => unfold(image, 4)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: unfold: image 3×3, 3×3 with its padding — the window 4×4 must fit in it; use a smaller kernelSize or a larger image]`,
    );
    expect(() => unfold(image, 2, { stride: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: unfold: stride 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => unfold(image, 2, { padding: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: unfold: padding -1 — must be a whole number, 0 or more, or two of them [height, width]]`,
    );
  });

  it("by fold", () => {
    expect(() => fold(zeros([1, 4, 5]), 3, 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: fold: [1, 4, 5] to an image 3×3 — needs a multiple of 4 rows (taps of the filter) and 4 columns (2×2 places)]`,
    );
    expect(() => fold(zeros([1, 6, 4]), 3, 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: fold: [1, 6, 4] to an image 3×3 — needs a multiple of 4 rows (taps of the filter) and 4 columns (2×2 places)]`,
    );
    expect(() => fold(zeros([1, 1, 4, 4]), 3, 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: fold: expected columns [N, C·K·L, H′·W′] or [C·K·L, H′·W′], got [1, 1, 4, 4]]`,
    );
    expect(() => fold(zeros([1, 4, 4]), 0, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: fold: outputSize 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
  });
});
