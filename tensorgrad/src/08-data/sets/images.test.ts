import { describe, expect, it } from "vitest";
import type { Tensor } from "../../01-tensor/index.ts";
import { ImageDataset } from "./images.ts";

const bytes = Uint8Array.of(0, 51, 102, 153, 204, 255, 255, 0);
const labels = Uint8Array.of(7, 9);

describe("ImageDataset", () => {
  it("turns bytes into numbers from 0 to 1 and labels into int32", () => {
    const { x, y } = new ImageDataset(bytes, labels, { shape: [1, 2, 2] }).batch([1, 0]);
    expect([x.shape, x.dtype, y.dtype]).toEqual([[2, 1, 2, 2], "float32", "int32"]);
    expect([...x.data]).toEqual([204, 255, 255, 0, 0, 51, 102, 153].map((byte) => Math.fround(byte / 255)));
    expect(y.toArray()).toEqual([9, 7]);
  });

  it("is flat unless given a shape", () => {
    expect(new ImageDataset(bytes, labels).batch([0]).x.shape).toEqual([1, 4]);
  });

  it("subtracts the mean and divides by the deviation", () => {
    const { x } = new ImageDataset(bytes, labels, { mean: 0.2, std: 0.5 }).batch([0]);
    [-0.4, 0, 0.4, 0.8].forEach((value, i) => {
      expect(x.data[i]).toBeCloseTo(value, 6);
    });
  });

  it("gives one example, and its bytes", () => {
    const data = new ImageDataset(bytes, labels, { shape: [2, 2] });
    const { x, y } = data.get(1);
    expect([(x as Tensor).shape, (y as Tensor).item()]).toEqual([[2, 2], 9]);
    expect([...data.pixels(1)]).toEqual([204, 255, 255, 0]);
  });

  it("takes the first few without a copy", () => {
    const data = new ImageDataset(bytes, labels, { shape: [2, 2], mean: 0.5 });
    const first = data.take(1);
    expect([first.length, first.shape, first.mean]).toEqual([1, [2, 2], 0.5]);
    expect(first.images.buffer).toBe(data.images.buffer);
    expect(data.take(99).length).toBe(2);
  });

  it("refuses bytes that are not whole images", () => {
    expect(() => new ImageDataset(bytes, labels, { shape: [28, 28] })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: ImageDataset: 8 bytes, 2 labels, shape [28, 28] — 2 images of that shape take 1568 bytes]`,
    );
    expect(() => new ImageDataset(bytes, Uint8Array.of(1, 2, 3))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: ImageDataset: 8 bytes, 3 labels, shape [2.6666666666666665] — 3 images of that shape take 8 bytes]`,
    );
  });

  it("refuses a deviation it cannot divide by", () => {
    expect(() => new ImageDataset(bytes, labels, { std: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ImageDataset: mean 0, std 0 — both must be finite and std above 0; pixels run from 0 to 1]`,
    );
    expect(() => new ImageDataset(bytes, labels, { mean: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ImageDataset: mean NaN, std 1 — both must be finite and std above 0; pixels run from 0 to 1]`,
    );
  });

  it("refuses an image that is not there", () => {
    const data = new ImageDataset(bytes, labels);
    expect(() => data.get(2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ImageDataset.batch: index 2 — indices go from 0 to 1]`,
    );
    expect(() => data.pixels(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ImageDataset.pixels: index -1 — indices go from 0 to 1]`,
    );
    expect(() => data.take(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ImageDataset.take: -1 images — the number is an integer ≥ 0]`,
    );
  });
});
