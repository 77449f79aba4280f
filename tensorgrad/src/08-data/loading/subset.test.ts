import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { arange, zeros } from "../../01-tensor/index.ts";
import type { Dataset } from "../dataset.ts";
import { TensorDataset } from "../sets/rows.ts";
import { DataLoader } from "./loader.ts";
import { randomSplit, Subset } from "./subset.ts";

const numbers = (count: number): TensorDataset => new TensorDataset(arange(count), arange(count));

describe("Subset", () => {
  it("shows the examples chosen, in their order", () => {
    const some = new Subset(numbers(10), [7, 2, 7]);
    expect(some.length).toBe(3);
    expect([...some.batch([0, 2, 1]).y.data]).toEqual([7, 7, 2]);
    const [{ x }] = new DataLoader(some, { batchSize: 3 });
    expect([...x.data]).toEqual([7, 2, 7]);
  });

  it("hands the generator on, with and without `batch`", () => {
    const data: Dataset = {
      length: 9,
      randomized: true,
      get: (i, random) => ({ x: random?.uniform() ?? 0, y: i }),
    };
    const first = ([{ x }]: Iterable<{ x: { data: ArrayLike<number> } }>): number[] => Array.from(x.data);
    const load = (dataset: Dataset): number[] => first(new DataLoader(dataset, { random: new Random(2) }));
    expect(load(new Subset(data, [4, 5]))).toEqual(load(data).slice(0, 2));
    expect(load(new Subset(new Subset(data, [4, 5]), [1, 0]))).toEqual(load(data).slice(0, 2));
  });

  it("leaves putting together to the loader's `collate`", () => {
    const words: Dataset = { length: 2, get: (i) => ({ x: Array(i + 1).fill(1), y: i }) };
    const collate = (samples: readonly unknown[]) => ({ x: zeros([samples.length, 9]), y: zeros([2]) });
    const [{ x }] = new DataLoader(new Subset(words, [1, 0]), { collate });
    expect(x.shape).toEqual([2, 9]);
  });

  it("refuses numbers the data set does not have", () => {
    expect(() => new Subset(numbers(3), [0, 3])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Subset: index 3 — indices go from 0 to 2]`,
    );
    expect(() => new Subset(numbers(3), [2]).get(1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Subset.get: index 1 — indices go from 0 to 0]`,
    );
  });
});

describe("randomSplit", () => {
  it("gives every example to exactly one part", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { minLength: 1 }), fc.nat(), (parts, seed) => {
        const length = parts.reduce((sum, part) => sum + part, 0);
        const split = randomSplit(numbers(length), parts, { random: new Random(seed) });
        expect(split.map((part) => part.length)).toEqual(parts);
        const all = split.flatMap((part) => [...part.indices]).sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length }, (_, i) => i));
      }),
      { seed: 1 },
    );
  });

  it("takes fractions; what is left over goes to the first parts", () => {
    const lengths = (count: number, parts: number[]): number[] =>
      randomSplit(numbers(count), parts).map((part) => part.length);
    expect(lengths(10, [0.9, 0.1])).toEqual([9, 1]);
    expect(lengths(100, [0.29, 0.71])).toEqual([29, 71]);
    expect(lengths(10, [1 / 3, 1 / 3, 1 / 3])).toEqual([4, 3, 3]);
    expect(lengths(1, [1])).toEqual([1]);
    expect(lengths(0, [0.5, 0.5])).toEqual([0, 0]);
  });

  it("deals the same for the same seed", () => {
    const deal = (seed: number) => [
      ...randomSplit(numbers(50), [0.5, 0.5], { random: new Random(seed) })[0].indices,
    ];
    expect(deal(1)).toEqual(deal(1));
    expect(deal(1)).not.toEqual(deal(2));
  });

  it("refuses parts that do not add up", () => {
    expect(() => randomSplit(numbers(10), [5, 4])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: randomSplit: parts [5, 4] of 10 examples sum to 9 — parts are counts that sum to 10, or fractions that sum to 1]`,
    );
    expect(() => randomSplit(numbers(10), [-1, 11])).toThrowError(RangeError);
    expect(() => randomSplit(numbers(10), [0.5, 0.4])).toThrowError(RangeError);
    expect(() => randomSplit(numbers(10), [Number.NaN, 1])).toThrowError(RangeError);
    expect(() => randomSplit(numbers(10), [])).toThrowError(RangeError);
  });
});
