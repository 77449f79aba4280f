import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { arange } from "../../01-tensor/index.ts";
import { TensorDataset } from "../sets/rows.ts";
import { DataLoader } from "./loader.ts";
import { RandomSampler, type Sampler, SequentialSampler, WeightedRandomSampler } from "./sampler.ts";

const counts = (order: ArrayLike<number>, length: number): number[] =>
  Array.from(order).reduce((sums, i) => sums.with(i, sums[i] + 1), new Array<number>(length).fill(0));

describe("SequentialSampler", () => {
  it("goes from the first to the last", () => {
    expect([...new SequentialSampler([5, 6, 7]).order()]).toEqual([0, 1, 2]);
  });
});

describe("RandomSampler", () => {
  it("draws without replacement each example once", () => {
    const order = new RandomSampler(20).order(new Random(1));
    expect(counts(order, 20)).toEqual(new Array(20).fill(1));
    expect([...order]).not.toEqual([...new SequentialSampler(20).order()]);
    const some = new RandomSampler(20, { count: 5 }).order(new Random(1));
    expect(new Set(some).size).toBe(5);
  });

  it("is what { shuffle: true } does", () => {
    const data = new TensorDataset(arange(9), arange(9));
    const load = (options: object): number[] => {
      const [{ y }] = new DataLoader(data, { batchSize: 9, random: new Random(5), ...options });
      return [...y.data];
    };
    expect(load({ shuffle: true })).toEqual(load({ sampler: new RandomSampler(data) }));
  });

  it("draws with replacement independently: χ² of 10,000 draws", () => {
    const sampler = new RandomSampler(5, { replacement: true, count: 10_000 });
    const seen = counts(sampler.order(new Random(1)), 5);
    expect(seen.reduce((sum, n) => sum + (n - 2000) ** 2 / 2000, 0)).toBeLessThan(18.5);
  });

  it("refuses what cannot be drawn", () => {
    expect(() => new RandomSampler(3, { count: 4 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RandomSampler: count 4 of 3 examples — without replacement each is drawn once at most; pass { replacement: true }]`,
    );
    expect(() => new RandomSampler(0, { replacement: true, count: 1 })).toThrowError(RangeError);
    expect(() => new RandomSampler(3, { count: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RandomSampler: count -1 — the number of examples is an integer ≥ 0]`,
    );
  });
});

describe("WeightedRandomSampler", () => {
  const weights = [1, 0, 2, 7];

  it("draws in proportion to the weights: χ² of 10,000 draws", () => {
    const seen = counts(new WeightedRandomSampler(weights, { count: 10_000 }).order(new Random(1)), 4);
    expect(seen[1]).toBe(0);
    const expected = weights.map((weight) => weight * 1000);
    const chi = seen.reduce((sum, n, i) => sum + (expected[i] ? (n - expected[i]) ** 2 / expected[i] : 0), 0);
    expect(chi).toBeLessThan(13.8); // two degrees of freedom, 999 of 1000 cases
  });

  it("draws without replacement: the first of each order in proportion to the weights, none twice", () => {
    const sampler = new WeightedRandomSampler(weights, { count: 3, replacement: false });
    const random = new Random(2);
    const firsts = Array.from({ length: 10_000 }, () => {
      const order = sampler.order(random);
      expect(new Set(order).size).toBe(3);
      return order[0];
    });
    const seen = counts(firsts, 4);
    const expected = weights.map((weight) => weight * 1000);
    const chi = seen.reduce((sum, n, i) => sum + (expected[i] ? (n - expected[i]) ** 2 / expected[i] : 0), 0);
    expect(seen[1]).toBe(0);
    expect(chi).toBeLessThan(13.8);
  });

  it("shows rare classes as often as common ones", () => {
    const labels = Array.from({ length: 1000 }, (_, i) => Number(i < 50));
    const perClass = [950, 50];
    const sampler = new WeightedRandomSampler(
      labels.map((label) => 1 / perClass[label]),
      { count: 4000 },
    );
    const rare = Array.from(sampler.order(new Random(1))).filter((i) => labels[i] === 1).length;
    expect(Math.abs(rare - 2000)).toBeLessThan(3.3 * Math.sqrt(1000)); // 3.3 deviations: 999 of 1000 cases
  });

  it("refuses weights that are none", () => {
    expect(() => new WeightedRandomSampler([1, -1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: WeightedRandomSampler: weight -1 at position 1 — weights are finite and not negative]`,
    );
    expect(() => new WeightedRandomSampler([0, 0])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: WeightedRandomSampler: 2 weights, none above 0 — at least one example must be drawable]`,
    );
    expect(() => new WeightedRandomSampler([Number.NaN])).toThrowError(RangeError);
    expect(
      () => new WeightedRandomSampler([1, 0], { count: 2, replacement: false }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: WeightedRandomSampler: count 2, but 1 of 2 weights are above 0 — without replacement each example is drawn once at most; lower count, or pass { replacement: true }]`,
    );
  });
});

describe("DataLoader with a sampler", () => {
  const data = new TensorDataset(arange(10), arange(10));

  it("is as long as the sampler", () => {
    const loader = new DataLoader(data, { batchSize: 4, sampler: new RandomSampler(data, { count: 6 }) });
    expect(loader.length).toBe(2);
    expect(Array.from(loader, ({ y }) => y.size)).toEqual([4, 2]);
  });

  it("refuses shuffle beside it, and examples the data set does not have", () => {
    const sampler = { length: 2, order: () => [0, 10] };
    expect(() => new DataLoader(data, { sampler, shuffle: true })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: both shuffle and sampler — a sampler decides the order; leave out shuffle, or use RandomSampler]`,
    );
    const short = { length: 3, order: () => [1] };
    expect(() => [...new DataLoader(data, { sampler: short })]).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DataLoader: the sampler gave 1 examples and has length 3 — order(random) gives as many as length says]`,
    );
    const list = [1, 2] as unknown as Sampler;
    expect(() => new DataLoader(data, { sampler: list })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: got a sampler of type list — expected an object with length and order(random), such as new RandomSampler(train)]`,
    );
    expect(() => [...new DataLoader(data, { sampler })]).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TensorDataset.batch: index 10 — indices go from 0 to 9]`,
    );
  });
});
