import { describe, expect, it } from "vitest";
import { arange, randn } from "../../src/01-tensor/index.ts";
import type { Dataset, Sample } from "../../src/08-data/dataset.ts";
import type { DataLoader } from "../../src/08-data/loading/loader.ts";
import { RandomSampler } from "../../src/08-data/loading/sampler.ts";
import { ImageDataset } from "../../src/08-data/sets/images.ts";
import { TensorDataset } from "../../src/08-data/sets/rows.ts";
import { load, pass, pictures, show } from "./loaded.fixture.ts";
import { Broken, Noise } from "./loader-workers.fixture.ts";

describe("DataLoader with workers", () => {
  const sets: Record<string, () => Dataset> = {
    "pictures with transforms": () => pictures,
    "a data set of one's own": () => new Noise(11),
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

  it("makes batches in its own thread for loops without `await`", () => {
    expect(Array.from(load(pictures), show)).toEqual(Array.from(load(pictures, { workers: 0 }), show));
  });

  it("shares the bytes of pictures and tensors instead of copying them", () => {
    const [images] = pictures.recipe().arguments as [Uint8Array];
    expect(images.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(pictures.images).toBe(images);
    const tensors = new TensorDataset(randn([5, 2]), arange(5));
    expect((tensors.recipe().arguments[0] as { data: Float32Array }).data.buffer).toBe(tensors.x.data.buffer);
  });
});

describe("DataLoader whose workers fail", () => {
  const error = async (loader: DataLoader): Promise<Error & { example?: number }> =>
    pass(loader).then(
      () => new Error("nothing was thrown"),
      (thrown: Error) => thrown,
    );

  it("gives an error its example, the batch and the original", async () => {
    const loader = load(new Broken(9));
    const thrown = await error(loader);
    expect(thrown.message.replace(/worker \d/, "worker N")).toMatchInlineSnapshot(
      `"DataLoader: example 9 (batch 2, worker N): RangeError: no picture of example 9"`,
    );
    expect(thrown.example).toBe(9);
    expect((thrown.cause as Error).name).toBe("RangeError");
    expect((thrown.cause as Error).stack).toMatch(/loader-workers\.fixture\.ts/);
    expect((await error(loader)).message).toMatch(/example 9/); // and the loader can be used again
  });

  it("says that a worker ended, and starts others", async () => {
    const loader = load(new Broken(9, "exit"), { workers: 1 });
    expect((await error(loader)).message).toMatchInlineSnapshot(
      `"DataLoader: worker 0 ended with exit code 3 while it made batch 2, examples 8, 9, 10, 11 — load with workers: 0 to see where"`,
    );
    expect((await error(loader)).message).toMatch(/ended with exit code 3/);
  });

  it("refuses what cannot cross to a worker, before it starts one", () => {
    class Plain implements Dataset {
      readonly length = 1;
      get = (i: number): Sample => ({ x: i, y: i });
    }
    class Louder extends ImageDataset {
      override pixels(i: number): Uint8Array {
        return super.pixels(i).map((byte) => 2 * byte);
      }
    }
    class Own extends Noise {
      override recipe() {
        return { export: "Own", arguments: [{ get: () => 1 }] };
      }
    }
    expect(() => load(new Plain())).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: the data set Plain is an object of class Plain, which cannot cross to a worker — give it recipe() { return { module: import.meta.url, export: "ItsName", arguments: […] }; }, or load with workers: 0]`,
    );
    expect(() => load(new Louder(new Uint8Array(1), new Uint8Array(1)))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Louder: overrides pixels of ImageDataset, which workers would not know — give it a recipe() of its own, or load with workers: 0]`,
    );
    expect(() => load(new Own(1))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: the data set Own → Own(argument 0).get is function get, which cannot cross to a worker — give it recipe() { return { module: import.meta.url, export: "ItsName", arguments: […] }; }, or load with workers: 0]`,
    );
    expect(() =>
      load(new Noise(1), { collate: () => ({ x: arange(1), y: arange(1) }) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: workers 2 and collate — a function cannot cross to a worker; give the data set a batch(indices), or load with workers: 0]`,
    );
    expect(() => load(new Noise(1), { workers: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DataLoader: workers -1, prefetch 2 — workers is an integer ≥ 0, prefetch an integer ≥ 1]`,
    );
    expect(() => load(new Noise(1), { prefetch: 0 })).toThrowError(RangeError);
  });

  it("says that a browser has none", () => {
    const original = process.getBuiltinModule;
    Object.assign(process, { getBuiltinModule: undefined });
    try {
      expect(() => load(new Noise(1))).toThrowErrorMatchingInlineSnapshot(
        `[Error: DataLoader: workers 2 — worker threads need Node; in a browser load with workers: 0]`,
      );
    } finally {
      Object.assign(process, { getBuiltinModule: original });
    }
  });
});
