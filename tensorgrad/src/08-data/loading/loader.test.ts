import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settledHeap } from "../../../tests/heap.fixture.ts";
import { heap, Random, scope } from "../../00-runtime/index.ts";
import { arange, type Tensor, zeros } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import type { Dataset } from "../dataset.ts";
import { TensorDataset } from "../sets/rows.ts";
import { DataLoader, type DataLoaderOptions } from "./loader.ts";

/** Example i is x = [i, i], y = i. */
const numbers = (count: number): TensorDataset =>
  new TensorDataset(arange(count).reshape([count, 1]).expand([count, 2]), arange(count));

const ids = ({ y }: Batch): number[] => [...y.data];
const pass = (loader: DataLoader): number[][] => Array.from(loader, ids);

describe("DataLoader", () => {
  it("goes through the data in order, the rest in a smaller batch", () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2 });
    expect(pass(loader)).toEqual([[0, 1], [2, 3], [4]]);
    expect(loader.length).toBe(3);
  });

  it("leaves the smaller batch out when told to", () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2, dropLast: true });
    expect(pass(loader)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(loader.length).toBe(2);
  });

  it("keeps x and y together", () => {
    for (const { x, y } of new DataLoader(numbers(20), { batchSize: 7, shuffle: true })) {
      expect(x.toArray()).toEqual(Array.from(y.data, (i) => [i, i]));
    }
  });

  it("shows every example exactly once per pass, whatever the sizes", () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        size,
        fc.boolean(),
        fc.boolean(),
        (count, batchSize, ...is) => {
          const [shuffle, dropLast] = is;
          const loader = new DataLoader(numbers(count), { batchSize, shuffle, dropLast });
          const batches = pass(loader);
          expect(batches.length).toBe(loader.length);
          const seen = batches.flat().sort((a, b) => a - b);
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.length).toBe(dropLast ? count - (count % batchSize) : count);
          for (const batch of batches.slice(0, -1)) expect(batch.length).toBe(batchSize);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it("shuffles anew in every pass, and the same way for the same seed", () => {
    const passes = (seed: number): number[][] => {
      const loader = new DataLoader(numbers(50), { shuffle: true, random: new Random(seed) });
      return [pass(loader).flat(), pass(loader).flat()];
    };
    const [first, second] = passes(3);
    expect(first).not.toEqual(second);
    expect(passes(3)).toEqual([first, second]);
    expect(passes(4)[0]).not.toEqual(first);
  });

  it("puts every example first equally often", () => {
    const counts = new Array<number>(5).fill(0);
    const loader = new DataLoader(numbers(5), { batchSize: 5, shuffle: true, random: new Random(1) });
    for (let i = 0; i < 2000; i++) counts[pass(loader)[0][0]]++;
    // χ² with four degrees of freedom stays below 18.5 in 999 of 1000 cases.
    expect(counts.reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0)).toBeLessThan(18.5);
  });

  it("gives the same batches to `for await`", async () => {
    const loader = (): DataLoader =>
      new DataLoader(numbers(9), { batchSize: 4, shuffle: true, random: new Random(5) });
    const seen: number[][] = [];
    for await (const batch of loader()) seen.push(ids(batch));
    expect(seen).toEqual(pass(loader()));
  });

  it("serves two loops at once", () => {
    const loader = new DataLoader(numbers(4), { batchSize: 2 });
    const pairs: number[][] = [];
    for (const a of loader) for (const b of loader) pairs.push([...ids(a), ...ids(b)]);
    expect(pairs).toEqual([
      [0, 1, 0, 1],
      [0, 1, 2, 3],
      [2, 3, 0, 1],
      [2, 3, 2, 3],
    ]);
  });

  it("stacks examples of a data set that only has `get`", () => {
    const squares: Dataset = { length: 3, get: (i) => ({ x: [i, i * i], y: i }) };
    const [{ x, y }] = new DataLoader(squares, { batchSize: 3 });
    expect(x.toArray()).toEqual([
      [0, 0],
      [1, 1],
      [2, 4],
    ]);
    expect(y.toArray()).toEqual([0, 1, 2]);
  });

  it("leaves putting together to the caller's `collate`", () => {
    const words: Dataset = { length: 2, get: (i) => ({ x: Array(i + 1).fill(1), y: i }) };
    const padded: DataLoaderOptions["collate"] = (samples) => ({
      x: zeros([samples.length, 9]),
      y: zeros([2]),
    });
    const [{ x }] = new DataLoader(words, { collate: padded });
    expect(x.shape).toEqual([2, 9]);
  });

  it("has no batches for no data", () => {
    expect(pass(new DataLoader(numbers(0)))).toEqual([]);
  });

  it("refuses what is no data set", () => {
    const load = (dataset: unknown) => () => new DataLoader(dataset as Dataset);
    expect(load([{ x: 1, y: 2 }])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: got a list — expected a data set with length and get(i), such as new TensorDataset(x, y)]`,
    );
    expect(load(null)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: got null — expected a data set with length and get(i), such as new TensorDataset(x, y)]`,
    );
  });

  it("refuses a batch size that is none", () => {
    expect(() => new DataLoader(numbers(3), { batchSize: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DataLoader: batchSize 0 — a batch holds an integer number of examples, at least 1]`,
    );
    expect(() => new DataLoader(numbers(3), { batchSize: 2.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DataLoader: batchSize 2.5 — a batch holds an integer number of examples, at least 1]`,
    );
  });
});

describe("DataLoader and memory", () => {
  const data = new TensorDataset(zeros([64, 256]), zeros([64]));
  const loader = new DataLoader(data, { batchSize: 8 });

  it("needs one batch at a time, also in a loop without a scope", () => {
    const before = heap.live;
    const live: number[] = [];
    for (const _ of loader) live.push(heap.live - before);
    expect(new Set(live).size).toBe(1);
    expect(heap.live).toBe(before);
  });

  it("takes the batch back when the next one is asked for", () => {
    const kept: Tensor[] = [];
    for (const { x } of loader) kept.push(x);
    expect(() => kept[0].toArray()).toThrowError(/memory was freed/);
  });

  it("leaves the last batch of a loop that stopped early", () => {
    const [{ x }] = loader;
    expect(x.toArray()).toHaveLength(8);
    x.storage.free();
  });

  it("keeps no more than one batch of loops that stopped early, and none once it is closed", async () => {
    const loader = new DataLoader(data, { batchSize: 8 });
    const before = await settledHeap();
    for (const _ of loader) break;
    const one = heap.live - before;
    expect(one).toBeGreaterThan(8 * 256 * 4);
    for (let pass = 0; pass < 5; pass++) {
      for await (const { x } of loader) {
        expect(x.toArray()).toHaveLength(8);
        break;
      }
      expect(() => {
        for (const _ of loader) throw new Error("mine");
      }).toThrowError("mine");
    }
    expect(heap.live - before).toBe(one);
    for (const _ of loader);
    expect(heap.live).toBe(before);
    for (const _ of loader) break;
    await loader.close();
    expect(heap.live).toBe(before);
  });

  it("leaves alone what somebody kept", () => {
    using outer = scope();
    const kept: Tensor[] = [];
    const iterator = loader[Symbol.iterator]();
    for (let i = 0; i < 2; i++) {
      using step = scope();
      const next = iterator.next();
      if (!next.done) kept.push(step.keep(next.value.x));
    }
    expect(kept.map((x) => x.shape)).toEqual([
      [8, 256],
      [8, 256],
    ]);
    expect(kept[0].toArray()).toHaveLength(8);
    outer.dispose();
    expect(kept[0].storage.freed).toBe(true);
  });

  it("leaves alone tensors that belong to the data set", () => {
    const whole: Dataset = {
      length: 1,
      get: () => ({ x: 0, y: 0 }),
      batch: () => ({ x: data.x, y: data.y }),
    };
    for (const { x } of new DataLoader(whole)) expect(x).toBe(data.x);
    expect(data.x.storage.freed).toBe(false);
  });

  it("lets the collector work in a `for await` loop that makes tensors and opens no scope", async () => {
    const many = new DataLoader(new TensorDataset(zeros([400, 1]), zeros([400])), { batchSize: 1 });
    heap.resetPeak();
    const before = await settledHeap();
    for await (const _ of many) zeros([2 ** 18]); // 1 MiB each, 400 MiB in all
    expect(heap.peak - before).toBeLessThan(150 * 2 ** 20);
  });
});
