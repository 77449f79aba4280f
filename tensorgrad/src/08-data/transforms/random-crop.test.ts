import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { arange, ones, stack, zeros } from "../../01-tensor/index.ts";
import { RandomCrop } from "./random-crop.ts";

const random = (seed = 1): { random: Random } => ({ random: new Random(seed) });

describe("RandomCrop", () => {
  const image = arange(1, 17).to("float32").reshape([1, 4, 4]);

  it("shows every window equally often, whole", () => {
    const crop = new RandomCrop([3, 2]);
    const seen = new Map<string, number>();
    const batch = stack(Array.from({ length: 6000 }, () => image));
    for (const window of crop.apply(batch, random()).toArray() as number[][][][]) {
      const text = JSON.stringify(window);
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    const windows = [0, 1].flatMap((top) =>
      [0, 1, 2].map((left) => image.narrow(1, top, 3).narrow(2, left, 2).toArray()),
    );
    expect([...seen.keys()].sort()).toEqual(windows.map((window) => JSON.stringify(window)).sort());
    // χ² with five degrees of freedom stays below 20.5 in 999 of 1000 cases.
    expect([...seen.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5);
  });

  for (const [h, w] of [
    [4, 4],
    [3, 4],
    [7, 4],
    [5, 3],
    [2, 8],
    [8, 8],
  ] as const) {
    // biome-ignore format: one line
    it(`equals padding and cutting: ${h}×${w}`, () => {
      const two = arange(1, 33).to("float32").reshape([2, 4, 4]);
      const padded = two.pad([2, 2, 2, 2]);
      const windows = Array.from({ length: 9 - h }, (_, top) =>
        Array.from({ length: 9 - w }, (_, left) =>
          JSON.stringify(padded.narrow(1, top, h).narrow(2, left, w).toArray()),
        ),
      ).flat();
      const crop = new RandomCrop([h, w], { padding: 2 });
      const seen = new Set<string>();
      for (let seed = 0; seed < 400; seed++) seen.add(JSON.stringify(crop.apply(two, random(seed)).toArray()));
      expect([...seen].sort()).toEqual([...new Set(windows)].sort());
    });
  }

  it("cuts nothing but padding out of an empty image", () => {
    const crop = new RandomCrop(2, { padding: 1 });
    ones([1, 1, 2, 2]).storage.free(); // memory that is used again: what is not written would still be 1
    expect(crop.apply(zeros([1, 1, 0, 0])).toArray()).toEqual([
      [
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
  });

  it("refuses a window that does not fit, and images that are none", () => {
    expect(() => new RandomCrop(9, { padding: 2 }).apply(image)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RandomCrop: size [9, 9], image [1, 4, 4], padding 2 — the window must fit into the padded image, 8×8; lower size or raise padding]`,
    );
    expect(() => new RandomCrop(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RandomCrop: size 0, padding 0 — size is an integer ≥ 1 or [height, width], padding an integer ≥ 0]`,
    );
    expect(() => new RandomCrop(2).apply(zeros([4, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RandomCrop: image [4, 4] — expected [C, H, W], or a batch [N, C, H, W]]`,
    );
    expect(() =>
      new RandomCrop(2).apply(zeros([1, 4, 4], { dtype: "uint8" })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: RandomCrop: image of dtype uint8 — pixels are float32; convert them: x.to("float32")]`,
    );
    expect(() => new RandomCrop(2, { padding: -1 })).toThrowError(RangeError);
  });

  it("shows the image in a mirror beyond its edge, if asked to", () => {
    const two = arange(1, 33).to("float32").reshape([2, 4, 4]);
    const padded = two.pad([2, 2, 2, 2], { mode: "reflect" });
    const windows = Array.from({ length: 5 }, (_, top) =>
      Array.from({ length: 5 }, (_, left) =>
        JSON.stringify(padded.narrow(1, top, 4).narrow(2, left, 4).toArray()),
      ),
    ).flat();
    const crop = new RandomCrop(4, { padding: 2, paddingMode: "reflect" });
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed++) seen.add(JSON.stringify(crop.apply(two, random(seed)).toArray()));
    expect([...seen].sort()).toEqual(windows.sort());
  });

  it("refuses a mirror that is too small, and modes that are none", () => {
    const crop = new RandomCrop(4, { padding: 4, paddingMode: "reflect" });
    expect(() => crop.apply(image)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RandomCrop: image [1, 4, 4], padding 4 — a mirror at the edge shows at most 3 pixels; lower padding, or use paddingMode "zeros"]`,
    );
    expect(
      () => new RandomCrop(4, { paddingMode: "mirror" as "reflect" }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: RandomCrop: paddingMode "mirror" — modes are "zeros" and "reflect"]`,
    );
  });
});
