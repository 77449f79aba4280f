import { describe, expect, it } from "vitest";
import { heap, Random } from "../../src/00-runtime/index.ts";
import { arange, randn } from "../../src/01-tensor/index.ts";
import type { Dataset } from "../../src/08-data/dataset.ts";
import type { DataLoader } from "../../src/08-data/loading/loader.ts";
import { RandomSampler } from "../../src/08-data/loading/sampler.ts";
import { randomSplit } from "../../src/08-data/loading/subset.ts";
import { TensorDataset } from "../../src/08-data/sets/rows.ts";
import { RandomCrop } from "../../src/08-data/transforms/random-crop.ts";
import { load, pass, pictures, show } from "./loaded.fixture.ts";
import { Broken, Later, Missing, Mixed, Noise, Unmakeable } from "./loader-workers.fixture.ts";

describe("DataLoader with workers", () => {
  const sets: Record<string, () => Dataset> = {
    "part of a part": () => randomSplit(randomSplit(pictures, [0.9, 0.1])[0], [0.5, 0.5])[1],
    tensors: () => new TensorDataset(randn([49]), arange(49)), // x and y take equally many bytes
    "tensors with a transform": () =>
      new TensorDataset(randn([9, 1, 4, 4]), arange(9), { transform: new RandomCrop(2) }),
    "one made by a promise": () => new Later(11),
    "other dtypes": () => new Mixed(),
  };
  for (const [name, make] of Object.entries(sets)) {
    it(`gives the same batches, bit for bit: ${name}`, async () => {
      const data = make();
      const sampler = new RandomSampler(data, { replacement: true });
      const own = load(data, { workers: 0, sampler });
      const theirs = load(data, { sampler });
      for (let n = 0; n < 2; n++) expect(await pass(theirs)).toEqual(await pass(own));
      expect(theirs.random.state).toEqual(own.random.state);
    });
  }

  it("gives the same for any number of workers and any prefetch", async () => {
    const seen = await pass(load(pictures, { shuffle: true, workers: 0 }));
    for (const workers of [1, 3]) {
      expect(await pass(load(pictures, { shuffle: true, workers, prefetch: workers }))).toEqual(seen);
    }
  });

  it("resumes in the middle of a pass, counting what was handed out and not what was made ahead", async () => {
    const whole = load(pictures, { shuffle: true });
    const running = whole[Symbol.asyncIterator]();
    for (let n = 0; n < 3; n++) await running.next();
    const state = JSON.parse(JSON.stringify(whole.stateDict()));
    expect(state.batch).toBe(3);
    const rest: string[] = [];
    for (let next = await running.next(); !next.done; next = await running.next())
      rest.push(show(next.value));
    const again = load(pictures, { shuffle: true, workers: 1, random: new Random(8) });
    again.loadStateDict(state);
    expect(await pass(again)).toEqual(rest);
  });

  it("serves two loops at once, and one after a loop that was left", async () => {
    const loader = load(new Noise(12));
    for await (const _ of loader) break;
    const pairs: number[] = [];
    for await (const a of loader) for await (const b of loader) pairs.push(a.y.data[0], b.y.data[0]);
    expect(pairs).toEqual([0, 0, 0, 4, 0, 8, 4, 0, 4, 4, 4, 8, 8, 0, 8, 4, 8, 8]);
  });

  it("leaves no batch behind on the heap", async () => {
    const loader = load(pictures);
    const before = heap.live;
    for (let n = 0; n < 2; n++) await pass(loader);
    expect(heap.live).toBe(before);
  });

  it("has nothing to do for no data", async () => {
    expect(await pass(load(new Noise(0)))).toEqual([]);
  });
});

describe("DataLoader whose workers fail", () => {
  const error = async (loader: DataLoader): Promise<Error & { example?: number }> =>
    pass(loader).then(
      () => new Error("nothing was thrown"),
      (thrown: Error) => thrown,
    );

  it("hands out the batches before it", async () => {
    const seen: number[] = [];
    await expect(async () => {
      for await (const { y } of load(new Broken(9))) seen.push(...y.data);
    }).rejects.toThrow(/example 9/);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("says that a worker died of an error outside of `get`", async () => {
    const loader = load(new Broken(1, "later"), { workers: 1 });
    expect((await error(loader)).message).toMatch(
      /^DataLoader: worker 0 died of Error: too late while it made batch/,
    );
  });

  it("does not read tensors that were freed between two passes", async () => {
    const data = new TensorDataset(randn([8]), arange(8));
    const loader = load(data);
    await pass(loader);
    data.x.storage.free();
    expect((await error(loader)).message).toMatch(/memory was freed/);
  });

  it("says that the data set cannot be made there", async () => {
    expect(
      (await error(load(new Unmakeable(3)))).message.replace(/worker \d/, "worker N"),
    ).toMatchInlineSnapshot(`"DataLoader: worker N cannot make the data set: no such folder"`);
    const missing = (await error(load(new Missing(3)))).message.replace(/worker \d/, "worker N");
    expect(missing.replace(/file:\S*\//, "file:///…/")).toMatchInlineSnapshot(
      `"DataLoader: worker N cannot make the data set: TypeError: recipe: file:///…/loader-workers.fixture.ts exports no function or class nowhere — export it, and give its name"`,
    );
  });
});
