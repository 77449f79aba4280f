import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { arange, randn, type Tensor, zeros } from "../../01-tensor/index.ts";
import { interpolate, Upsample } from "../index.ts";
import { isChannelsLast } from "../layout.ts";

// Expected numbers: torch 1.13, for example
//   python3 -c "import torch.nn.functional as F, torch; print(F.interpolate(torch.arange(4.).reshape(1,1,2,2), scale_factor=2, mode='bilinear'))"
const image = arange(4).to("float32").reshape(1, 1, 2, 2);
const rows = (x: Tensor) => (x.toArray() as number[][][][])[0][0];

describe("interpolate", () => {
  it("repeats the nearest pixel", () => {
    expect(rows(interpolate(image, { scaleFactor: [1, 2] }))).toEqual([
      [0, 0, 1, 1],
      [2, 2, 3, 3],
    ]);
    expect(rows(interpolate(image, { size: [2, 3] }))).toEqual([
      [0, 0, 1],
      [2, 2, 3],
    ]);
    expect(rows(interpolate(image, { size: 1 }))).toEqual([[0]]);
  });

  it("takes weighted means of four, with the image's edges at its edges", () => {
    expect(rows(interpolate(image, { scaleFactor: 2, mode: "bilinear" }))).toEqual([
      [0, 0.25, 0.75, 1],
      [0.5, 0.75, 1.25, 1.5],
      [1.5, 1.75, 2.25, 2.5],
      [2, 2.25, 2.75, 3],
    ]);
  });

  it("or with the corner pixels in the corners", () => {
    expect(rows(interpolate(image, { size: 3, mode: "bilinear", alignCorners: true }))).toEqual([
      [0, 0.5, 1],
      [1, 1.5, 2],
      [2, 2.5, 3],
    ]);
  });

  it("takes 1/scaleFactor for the step, as PyTorch does, unless the size stays", () => {
    const line = arange(5).to("float32").reshape(1, 1, 1, 5);
    expect(rows(interpolate(line, { scaleFactor: [1, 1.5] }))).toEqual([[0, 0, 1, 2, 2, 3, 4]]);
    expect(rows(interpolate(image, { scaleFactor: 1.3, mode: "bilinear" }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("spreads a NaN only to where its pixel counts", () => {
    const x = image.clone();
    x.data[0] = NaN;
    expect(rows(interpolate(x, { size: 3, mode: "bilinear", alignCorners: true }))).toEqual([
      [NaN, NaN, 1],
      [NaN, NaN, 2],
      [2, 2.5, 3],
    ]);
  });

  it("answers in the memory order it was given", () => {
    const x = randn([2, 5, 3, 4], { random: new Random(1) });
    const last = x.permute(0, 2, 3, 1).clone().permute(0, 3, 1, 2);
    const [y, z] = [x, last].map((t) => interpolate(t, { scaleFactor: 2, mode: "bilinear" }));
    expect([y, z].map(isChannelsLast)).toEqual([false, true]);
    expect(y.sub(z).abs().max().item()).toBeLessThan(1e-6);
  });

  it("as a layer prints its settings", () => {
    expect(String(new Upsample({ scaleFactor: [2, 3], mode: "bilinear", alignCorners: true }))).toBe(
      "Upsample(scaleFactor: [2, 3], mode: bilinear, alignCorners: true)",
    );
  });

  it("names what does not fit", () => {
    const fails =
      (options: Parameters<typeof interpolate>[1], x = image) =>
      () =>
        interpolate(x, options);
    expect(fails({})).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: interpolate: neither size nor scaleFactor — exactly one of them says how large the result is]`,
    );
    expect(fails({ size: 2, scaleFactor: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: interpolate: both size and scaleFactor — exactly one of them says how large the result is]`,
    );
    expect(fails({ size: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: interpolate: size 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(fails({ size: [2, 1.5] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: interpolate: size [2, 1.5] — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(fails({ scaleFactor: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: interpolate: scaleFactor -1 — must be a number above 0, or two of them [height, width]]`,
    );
    expect(fails({ scaleFactor: 0.4 })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: interpolate: image 2×2 to 0×0 — both need at least one pixel]`,
    );
    expect(fails({ size: 2 }, zeros([2, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: interpolate: expected images [N, C, H, W], got [2, 2]]`,
    );
    expect(fails({ size: 2, mode: "cubic" as never })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: interpolate: mode "cubic" — must be "nearest" or "bilinear"]`,
    );
    expect(() => new Upsample({ size: 2, alignCorners: true })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Upsample: alignCorners with mode "nearest" — only "bilinear" has corners to align]`,
    );
  });
});
