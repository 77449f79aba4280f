import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { arange, ones, randn, stack, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { DataLoader } from "../loading/loader.ts";
import type { Recipe } from "../loading/recipe.ts";
import { ImageDataset } from "../sets/images.ts";
import { TensorDataset } from "../sets/rows.ts";
import { RandomCrop } from "./random-crop.ts";
import { Transform } from "./transform.ts";
import { Compose, Normalize, RandomHorizontalFlip } from "./transforms.ts";

const random = (seed = 1): { random: Random } => ({ random: new Random(seed) });

describe("Normalize", () => {
  it("subtracts each channel's mean and divides by its deviation", () => {
    const x = tensor([[[1, 2]], [[3, 5]]]);
    expect(new Normalize({ mean: [1, 3], std: [0.5, 2] }).apply(x).toArray()).toEqual([[[0, 2]], [[0, 1]]]);
    expect(new Normalize({ mean: 1, std: 2 }).apply(x).toArray()).toEqual([[[0, 0.5]], [[1, 2]]]);
  });

  it("brings data to mean 0 and deviation 1", () => {
    const x = randn([50, 2, 4, 4], random()).mul(3).add(5);
    const y = new Normalize({ mean: x.mean().item(), std: x.std().item() }).apply(x);
    expect(y.mean().item()).toBeCloseTo(0, 5);
    expect(y.std().item()).toBeCloseTo(1, 5);
  });

  it("refuses a deviation it cannot divide by, and another number of channels", () => {
    expect(() => new Normalize({ mean: 0, std: [1, 0] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Normalize: mean 0, std 1,0 — all must be finite and std above 0; pixels run from 0 to 1]`,
    );
    expect(() =>
      new Normalize({ mean: [0, 0], std: 1 }).apply(zeros([3, 2, 2])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Normalize: image [3, 2, 2], mean [0, 0], std [1] — one number for all, or one for each of the 3 channels]`,
    );
  });
});

describe("RandomHorizontalFlip", () => {
  it("mirrors always, never, or half of the time", () => {
    const image = tensor([[[1, 2, 3], [4, 5, 6]]]); // biome-ignore format: an image as one sees it
    expect(new RandomHorizontalFlip(1).apply(image).toArray()).toEqual([[[3, 2, 1], [6, 5, 4]]]); // biome-ignore format: an image as one sees it
    expect(new RandomHorizontalFlip(0).apply(image).toArray()).toEqual(image.toArray());
    const many = stack(Array.from({ length: 10_000 }, () => image));
    const flipped = new RandomHorizontalFlip()
      .apply(many, random())
      .select(3, 0)
      .select(2, 0)
      .eq(3)
      .sum()
      .item();
    expect(Math.abs(flipped - 5000)).toBeLessThan(165); // 3.3 deviations
  });

  it("refuses what is no probability", () => {
    expect(() => new RandomHorizontalFlip(1.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RandomHorizontalFlip: p 1.5 — a probability from 0 to 1]`,
    );
  });
});

describe("Compose", () => {
  it("applies one after the other", () => {
    const x = randn([2, 3, 6, 6], random());
    const both = new Compose([new RandomHorizontalFlip(1), new Normalize({ mean: 1, std: 2 })]);
    expect(both.apply(x).toArray()).toEqual(x.flip(3).sub(1).div(2).toArray());
    expect(new Compose([]).apply(x).toArray()).toEqual(x.toArray());
    expect([both.randomized, new Compose([]).randomized]).toEqual([true, false]);
  });

  it("refuses what is no transform", () => {
    expect(
      () => new Compose([((x: unknown) => x) as unknown as Transform]),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Compose: entry 0 is function — expected transforms, such as new RandomCrop(32)]`,
    );
  });
});

describe("transforms of whole batches", () => {
  const both = new Compose([new RandomCrop(5, { padding: 1 }), new RandomHorizontalFlip()]);

  it("are those of single images, each with its own draws", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, count) => {
        const bytes = Uint8Array.from({ length: count * 108 }, (_, i) => (i * 37) % 256);
        const data = new ImageDataset(bytes, new Uint8Array(count), { shape: [3, 6, 6], transform: both });
        const load = (batchSize: number): number[] => {
          const all: number[] = [];
          const loader = new DataLoader(data, { batchSize, shuffle: true, ...random(seed) });
          for (const { x } of loader) all.push(...x.data);
          return all;
        };
        expect(load(1)).toEqual(load(count));
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it("differ from image to image and from pass to pass", () => {
    const data = new ImageDataset(
      Uint8Array.from({ length: 108 * 20 }, (_, i) => (i % 108) + 100),
      new Uint8Array(20),
      { shape: [3, 6, 6], transform: both },
    );
    const loader = new DataLoader(data, { batchSize: 20, ...random() });
    const images: string[] = [];
    for (let pass = 0; pass < 2; pass++) {
      for (const { x } of loader) images.push(...(x.toArray() as number[][][][]).map((image) => `${image}`));
    }
    expect(new Set(images).size).toBeGreaterThan(12); // 9 windows, 2 sides
    expect(images.slice(0, 20)).not.toEqual(images.slice(20));
  });
});

describe("ImageDataset with a transform", () => {
  const bytes = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
  const labels = Uint8Array.of(1, 2);

  it("gives the shape that the transform gives", () => {
    const data = new ImageDataset(bytes, labels, { shape: [3, 2, 2], transform: new RandomCrop(1) });
    expect([data.batch([0, 1]).x.shape, data.get(0).x.shape, data.shape]).toEqual([
      [2, 3, 1, 1],
      [3, 1, 1],
      [3, 2, 2],
    ]);
  });

  it("normalises channels by look-up as `Normalize` does by arithmetic", () => {
    const statistics = { mean: [0.1, 0.2, 0.3], std: [1, 2, 4] };
    const direct = new ImageDataset(bytes, labels, { shape: [3, 2, 2], ...statistics });
    const after = new ImageDataset(bytes, labels, { shape: [3, 2, 2], transform: new Normalize(statistics) });
    const [a, b] = [direct, after].map((data) => data.batch([1, 0]).x);
    for (let i = 0; i < a.size; i++) expect(a.data[i]).toBeCloseTo(b.data[i], 6);
  });

  it("can be had with another transform over the same bytes", () => {
    const train = new ImageDataset(bytes, labels, {
      shape: [3, 2, 2],
      transform: new RandomHorizontalFlip(),
    });
    const test = train.with({ transform: undefined });
    expect([train.randomized, test.randomized]).toEqual([true, false]);
    expect(test.images).toBe(train.images);
  });

  it("can be tensors", () => {
    const x = randn([4, 3, 6, 6], random());
    const transform = new Compose([new RandomHorizontalFlip(1), new RandomCrop([6, 6])]);
    const data = new TensorDataset(x, arange(4), { transform });
    expect(data.batch([2, 0]).x.toArray()).toEqual(
      x
        .flip(3)
        .indexSelect(0, tensor([2, 0], { dtype: "int32" }))
        .toArray(),
    );
    expect((data.get(1).x as Tensor).toArray()).toEqual(x.flip(3).select(0, 1).toArray());
    expect(() => new TensorDataset(arange(4), arange(4), { transform })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: TensorDataset: x of dtype int32 with a transform — pixels are float32; convert them: x.to("float32")]`,
    );
  });

  it("refuses images the transform cannot take, when it is made", () => {
    expect(
      () => new ImageDataset(bytes, labels, { transform: new RandomCrop(2) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RandomCrop: image [12] — expected [C, H, W]: channels, height, width; give the data set that shape]`,
    );
    expect(
      () => new ImageDataset(bytes, labels, { shape: [3, 2, 2], mean: [1, 2] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: ImageDataset: mean [1, 2], std [1], shape [3, 2, 2] — one number for all pixels, or one for each of the 3 channels]`,
    );
  });

  it("takes a user's own transform", () => {
    class Invert extends Transform {
      outputShape(shape: readonly number[]): readonly number[] {
        return shape;
      }
      write(from: Float32Array, _: readonly number[], to: Float32Array): void {
        for (let i = 0; i < from.length; i++) to[i] = 1 - from[i];
      }
      recipe(): Recipe {
        return { module: import.meta.url, export: "Invert", arguments: [] };
      }
    }
    const data = new ImageDataset(Uint8Array.of(0, 255), Uint8Array.of(3), { transform: new Invert() });
    expect((data.get(0).x as Tensor).toArray()).toEqual([1, 0]);
    expect(new Invert().apply(ones([1, 1, 1])).item()).toBe(0);
  });
});
