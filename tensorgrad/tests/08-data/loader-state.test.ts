import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/00-runtime/index.ts";
import { arange } from "../../src/01-tensor/index.ts";
import type { Batch } from "../../src/07-training/index.ts";
import type { Dataset } from "../../src/08-data/dataset.ts";
import { DataLoader, type DataLoaderOptions } from "../../src/08-data/loading/loader.ts";
import type { LoaderState } from "../../src/08-data/loading/pass.ts";
import { RandomSampler, WeightedRandomSampler } from "../../src/08-data/loading/sampler.ts";
import { TensorDataset } from "../../src/08-data/sets/rows.ts";

const numbers = (count: number): TensorDataset => new TensorDataset(arange(count), arange(count));

/** Every example is a draw, so that each batch shows which generator it had. */
const draws = (length: number): Dataset => ({
  length,
  randomized: true,
  get: (i, random) => ({ x: random?.uniform() ?? -1, y: i }),
});

const show = ({ x, y }: Batch): string => `${x.data} for ${y.data}`;

/** The next `count` batches; the iterator stays where it is. */
async function take(batches: AsyncIterator<Batch> | Iterator<Batch>, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const next = await batches.next();
    if (next.done) break;
    seen.push(show(next.value));
  }
  return seen;
}

const begin = (loader: DataLoader, sync: boolean) =>
  sync ? loader[Symbol.iterator]() : loader[Symbol.asyncIterator]();

describe("DataLoader.stateDict", () => {
  const options = fc.record({
    count: fc.integer({ min: 0, max: 30 }),
    batchSize: fc.integer({ min: 1, max: 8 }),
    dropLast: fc.boolean(),
    order: fc.constantFrom("sequential", "shuffled", "drawn", "weighted"),
    augmented: fc.boolean(),
    seed: fc.nat(),
    passes: fc.nat({ max: 2 }),
    stop: fc.nat({ max: 31 }),
    sync: fc.boolean(),
    syncAgain: fc.boolean(),
  });
  type Drawn = typeof options extends fc.Arbitrary<infer T> ? T : never;

  function loaderOf({ count, batchSize, dropLast, order, augmented, seed }: Drawn): DataLoader {
    const data = augmented ? draws(count) : numbers(count);
    const common = { batchSize, dropLast, random: new Random(seed) };
    const sampled: Record<string, DataLoaderOptions> = {
      shuffled: { shuffle: true },
      drawn: { sampler: new RandomSampler(count, { replacement: count > 0, count: count && count + 5 }) },
      weighted: count > 0 ? { sampler: new WeightedRandomSampler(arange(count).add(1).data) } : {},
    };
    return new DataLoader(data, { ...common, ...sampled[order] });
  }

  it("resumes anywhere: the rest of the pass and the passes after it are the same", async () => {
    await fc.assert(
      fc.asyncProperty(options, async (run) => {
        const whole = loaderOf(run);
        for (let pass = 0; pass < run.passes; pass++) for (const _ of whole);
        const running = begin(whole, run.sync);
        await take(running, run.stop);
        const saved = JSON.parse(JSON.stringify([whole.stateDict(), whole.random.state]));
        const rest = await take(running, Number.POSITIVE_INFINITY);
        const next = Array.from(whole, show);

        const again = loaderOf({ ...run, seed: 99 });
        again.random.state = saved[1];
        again.loadStateDict(saved[0]);
        expect(again.stateDict()).toEqual(saved[0]);
        // A pass that was over when it was saved is not gone through again.
        if (saved[0].pass !== null || run.stop === 0) {
          expect(await take(begin(again, run.syncAgain), Number.POSITIVE_INFINITY)).toEqual(rest);
        } else expect(rest).toEqual([]);
        if (saved[0].pass !== null) expect(again.random.state).toEqual(saved[1]);
        expect(Array.from(again, show)).toEqual(next);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("counts batches that were handed out", () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2, shuffle: true, random: new Random(7) });
    expect(loader.stateDict()).toEqual({ pass: null, batch: 0, passes: 0 });
    const start = loader.random.state;
    const counts: number[] = [];
    for (const _ of loader) {
      expect(loader.stateDict().pass).toEqual(start);
      counts.push(loader.stateDict().batch);
    }
    expect(counts).toEqual([1, 2, 3]);
    expect(loader.stateDict()).toEqual({ pass: null, batch: 0, passes: 1 });
  });

  it("remembers where a loop was left, until the next one begins", () => {
    const loader = new DataLoader(numbers(6), { batchSize: 2, shuffle: true, random: new Random(7) });
    for (const _ of loader) if (loader.stateDict().batch === 2) break;
    expect(loader.stateDict().batch).toBe(2);
    for (const _ of loader) break;
    expect(loader.stateDict().batch).toBe(1);
  });

  it("leaves the generator alone where nothing is random", () => {
    const random = new Random(3);
    for (const _ of new DataLoader(numbers(6), { random }));
    expect(random.state.position).toBe(0);
  });

  it("refuses a state that is none, and another loader's", () => {
    const loader = new DataLoader(numbers(6), { batchSize: 2 });
    const load = (state: unknown) => () => loader.loadStateDict(state as LoaderState);
    expect(load({ pass: { seed: 1 }, batch: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader.loadStateDict: got {"pass":{"seed":1},"batch":1} — expected what stateDict() gave: { pass: { seed, position } or null, batch, passes, cut }]`,
    );
    expect(load(null)).toThrowError(/got null — expected what stateDict\(\) gave/);
    expect(load({ pass: null, batch: -1 })).toThrowError(TypeError);
    const pass = { seed: 1, position: 0 };
    expect(load({ pass, batch: 4 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DataLoader.loadStateDict: batch 4 of a pass of 3 — the state is another loader's; resume with the same data, sampler, batchSize and dropLast]`,
    );
    expect(load({ pass: null, batch: 1 })).toThrowError(RangeError);
    expect(load({ pass, batch: 3 })).not.toThrow();
  });
});

describe("a state within a pass", () => {
  const loaders = fc.record({
    count: fc.integer({ min: 2, max: 12 }),
    batchSize: fc.integer({ min: 1, max: 5 }),
    dropLast: fc.boolean(),
    shuffle: fc.boolean(),
  });
  type Options = typeof loaders extends fc.Arbitrary<infer T> ? T : never;
  const make = ({ count, ...options }: Options): DataLoader =>
    new DataLoader(numbers(count), { ...options, random: new Random(5) });
  const examples = (batches: Iterable<Batch>): number[] => Array.from(batches, ({ y }) => [...y.data]).flat();

  it("goes on in any other loader as in its own, to the example, or is refused there and changes nothing", () => {
    fc.assert(
      fc.property(loaders, loaders, fc.nat(3), (first, second, stop) => {
        const [own, other] = [make(first), make(second)];
        const running = own[Symbol.iterator]();
        for (let i = 0; i <= stop; i++) running.next();
        const state = JSON.parse(JSON.stringify(own.stateDict()));
        const rest = examples({ [Symbol.iterator]: () => running });
        const before = other.stateDict();
        try {
          other.loadStateDict(state);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect(other.stateDict()).toEqual(before);
          expect(first).not.toEqual(second);
          return;
        }
        if (state.pass !== null) expect(examples(other)).toEqual(rest);
      }),
    );
  });

  it("is refused by a loader of other batches, naming both", () => {
    const own = make({ count: 8, batchSize: 2, dropLast: false, shuffle: false });
    for (const _ of own) if (own.stateDict().batch === 2) break;
    const other = make({ count: 8, batchSize: 4, dropLast: false, shuffle: false });
    expect(() => other.loadStateDict(own.stateDict())).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DataLoader.loadStateDict: the state is of 4 batches of 2 in order 6bf6a41d, this loader has 2 batches of 4 in order 6bf6a41d — a pass goes on with the same data, sampler, batchSize, shuffle and dropLast, so that no example is lost or comes twice]`,
    );
  });
});

describe("augmentation", () => {
  it("draws anew in every pass, the same for the same seed, whatever the batch size", () => {
    const values = (batchSize: number): number[] => {
      const loader = new DataLoader(draws(10), { batchSize, random: new Random(4) });
      const all: number[] = [];
      for (let pass = 0; pass < 2; pass++) for (const { x } of loader) all.push(...x.data);
      return all;
    };
    expect(new Set(values(3)).size).toBe(20);
    expect(values(10)).toEqual(values(3));
  });

  it("gives an example that comes twice two draws", () => {
    const sampler = { length: 4, order: () => [0, 0, 0, 0] };
    const [{ x }] = new DataLoader(draws(1), { batchSize: 4, sampler, random: new Random(4) });
    expect(new Set(x.data).size).toBe(4);
  });
});
