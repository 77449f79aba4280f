import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, WriteStream } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { create } from "tar";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mirrors, serving } from "../../../tests/08-data/mirror.fixture.ts";
import { temporaryFolders } from "../../../tests/08-data/mnist.fixture.ts";
import { Random } from "../../00-runtime/index.ts";
import { findFile, type Source } from "../download/source.ts";
import { DataLoader } from "../loading/loader.ts";
import { RandomHorizontalFlip } from "../transforms/transforms.ts";
import { CIFAR10, type CIFAR10Options, parseCifar } from "./cifar10.ts";
import { FileImages } from "./file-images.ts";

const { put, message, folder, options: found } = temporaryFolders();
const { serve, requests } = mirrors();
afterEach(() => vi.restoreAllMocks());
const options = (): CIFAR10Options => ({ ...found, verify: false }) as CIFAR10Options;

/** What the cache holds, without the notes of where it came from. */
const cached = (): string[] =>
  readdirSync(join(folder(), "cache/cifar-10"))
    .filter((name) => !name.endsWith(".origin.json"))
    .sort();

/** Records with these labels; pixel j of record i is (i + j) mod 256. */
const records = (...labels: readonly number[]): Uint8Array =>
  Uint8Array.from(
    labels.flatMap((label, i) => [label, ...Array.from({ length: 3072 }, (_, j) => (i + j) % 256)]),
  );

function putTrain(
  where = "data/cifar-10",
  pack = (bytes: Uint8Array): Uint8Array => bytes,
  suffix = "",
): void {
  for (let n = 1; n <= 5; n++) put(`${where}/data_batch_${n}.bin${suffix}`, pack(records(n, n + 1)));
}
const labels = [1, 2, 2, 3, 3, 4, 4, 5, 5, 6];

describe("CIFAR10.load", () => {
  it("reads the five files in their order, label first, then planes", async () => {
    putTrain();
    const data = await CIFAR10.load(options());
    const { x, y } = data.batch([9, 0]);
    expect([data.length, x.shape, y.toArray()]).toEqual([10, [2, 3, 32, 32], [6, 1]]);
    expect([x.data[0], x.data[3072 + 1024]]).toEqual([1 / 255, 0].map(Math.fround));
    expect([...data.labels]).toEqual(labels);
    expect(data.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("reads packed files, and the folder of the unpacked archive", async () => {
    putTrain("data/cifar-10-batches-bin", gzipSync, ".gz");
    expect((await CIFAR10.load(options())).length).toBe(10);
    put("data/cifar-10/test_batch.bin", records(7));
    expect([...(await CIFAR10.load({ ...options(), split: "test" })).labels]).toEqual([7]);
  });

  it("normalises by channel and transforms", async () => {
    putTrain();
    const plain = await CIFAR10.load(options());
    const data = await CIFAR10.load({
      ...options(),
      ...CIFAR10.statistics,
      transform: new RandomHorizontalFlip(1),
    });
    const [a, b] = [plain, data].map((set) => set.batch([3]).x);
    expect(b.data[32 * 32]).toBeCloseTo((a.data[32 * 32 + 31] - 0.4822) / 0.2435, 5);
  });
});

describe("CIFAR10.open", () => {
  it("gives the same batches from the disk, with a transform and in any order", async () => {
    putTrain();
    const transform = new RandomHorizontalFlip();
    const [inMemory, onDisk] = [
      await CIFAR10.load({ ...options(), transform }),
      await CIFAR10.open({ ...options(), transform }),
    ];
    for (const shuffle of [false, true]) {
      const [a, b] = [inMemory, onDisk].map((data) =>
        Array.from(new DataLoader(data, { batchSize: 3, shuffle, random: new Random(1) }), ({ x, y }) => [
          createHash("sha256")
            .update(new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength))
            .digest("hex"),
          [...y.data],
        ]),
      );
      expect(a).toEqual(b);
    }
    onDisk.close();
  });

  it("unpacks packed files into the cache, once", async () => {
    putTrain("data/cifar-10", gzipSync, ".gz");
    const data = await CIFAR10.open(options());
    expect(cached()).toHaveLength(5);
    put("data/cifar-10/data_batch_1.bin.gz", gzipSync(records(0)));
    const again = await CIFAR10.open(options());
    expect(again.length).toBe(9); // what is there now: a record less
    data.close();
    again.close();
  });

  it("reads what is in the data folder now, whatever the cache keeps from before", async () => {
    const action = fc.constantFrom("plain", "gzip", "archive", "archive with its old date", "nothing");
    let label = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 5 }), async (actions) => {
        for (const name of ["data", "cache"]) rmSync(join(folder(), name), { recursive: true, force: true });
        const data = (name: string): string => join(folder(), "data/cifar-10", name);
        for (const [i, next] of actions.entries()) {
          if (i > 0 && next === "nothing") continue;
          label = (label + 1) % 10;
          rmSync(join(folder(), "data"), { recursive: true, force: true });
          if (next === "plain" || next === "nothing") put("data/cifar-10/test_batch.bin", records(label));
          else if (next === "gzip") put("data/cifar-10/test_batch.bin.gz", gzipSync(records(label)));
          else {
            put("pack/cifar-10-batches-bin/test_batch.bin", records(label));
            mkdirSync(data("."), { recursive: true });
            const file = data("cifar-10-binary.tar.gz");
            await create({ gzip: true, cwd: join(folder(), "pack"), file }, ["cifar-10-batches-bin"]);
            if (next !== "archive") utimesSync(file, 1e9, 1e9);
          }
          const images = await CIFAR10.open({ ...options(), split: "test" });
          expect(images.label(0)).toBe(label);
          images.close();
        }
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it("says that there is no space to unpack", async () => {
    put("data/cifar-10/test_batch.bin.gz", gzipSync(records(1)));
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    vi.spyOn(WriteStream.prototype, "_write").mockImplementation((_, __, done) => done(full));
    const text = await message(CIFAR10.open({ ...options(), split: "test" }));
    expect(text).toMatchInlineSnapshot(
      `"StorageError: CIFAR10: cannot write ~/cache/cifar-10/test_batch.bin (no space left on the disk, ENOSPC) — free some space, or pass { cache } with a folder that can be written to"`,
    );
    expect(readdirSync(join(folder(), "cache/cifar-10"))).toEqual([]);
  });

  it("says that a file was cut off while it was read", async () => {
    put("data/cifar-10/test_batch.bin", records(...new Array(200).fill(1)));
    const data = await CIFAR10.open({ ...options(), split: "test" });
    expect(data.label(0)).toBe(1);
    truncateSync(join(folder(), "data/cifar-10/test_batch.bin"), 3073);
    expect(await message(Promise.resolve().then(() => data.get(150)))).toMatchInlineSnapshot(
      `"FormatError: RecordFile: ~/data/cifar-10/test_batch.bin ended at record 150 of 200 — it was cut off while it was being read"`,
    );
    data.close();
  });
});

describe("an archive that unpacks to more than any data set", () => {
  it("is refused before it fills the disk", async () => {
    // 1.5 GB of zeros in 1.5 MB: the header of one file, and nothing after it that anybody would want to wait for.
    put("pack/cifar-10-batches-bin/test_batch.bin", new Uint8Array(0));
    truncateSync(join(folder(), "pack/cifar-10-batches-bin/test_batch.bin"), 1.5 * 2 ** 30); // takes no room
    mkdirSync(join(folder(), "data/cifar-10"), { recursive: true });
    const file = join(folder(), "data/cifar-10/cifar-10-binary.tar.gz");
    await create({ gzip: { level: 1 }, cwd: join(folder(), "pack"), file }, ["cifar-10-batches-bin"]);
    expect(await message(CIFAR10.open({ ...options(), split: "test" }))).toMatchInlineSnapshot(
      `"FormatError: CIFAR10: ~/data/cifar-10/cifar-10-binary.tar.gz does not unpack (it unpacks to more than 1.0 GB) — expected an intact archive; replace it, or delete it to have it downloaded again"`,
    );
    expect(readdirSync(join(folder(), "cache/cifar-10"))).toEqual([]);
  });
});

describe("a pipe in place of a file", () => {
  it.skipIf(process.platform === "win32")("is not waited for", async () => {
    mkdirSync(join(folder(), "data/cifar-10"), { recursive: true });
    const pipe = join(folder(), "data/cifar-10/test_batch.bin");
    spawnSync("mkfifo", [pipe]);
    expect(await message(CIFAR10.load({ ...options(), split: "test" }))).toMatchInlineSnapshot(
      `"FormatError: CIFAR10: ~/data/cifar-10/test_batch.bin: this is a pipe or a device, no regular file — expected a file"`,
    );
    expect(await message(CIFAR10.open({ ...options(), split: "test" }))).toMatch(/a pipe or a device/);
    expect(() => new FileImages([pipe], { shape: [3, 32, 32] })).toThrow(/RecordFile\(.*a pipe or a device/);
  });
});

describe("CIFAR10 with bad files", () => {
  const broken = async (bytes: Uint8Array, name = "data_batch_3.bin"): Promise<string[]> => {
    putTrain();
    put(`data/cifar-10/${name}`, bytes);
    return [await message(CIFAR10.load(options())), await message(CIFAR10.open(options()))];
  };

  it("names a truncated file and an empty one", async () => {
    expect(await broken(records(1, 2).subarray(0, 4000))).toMatchInlineSnapshot(`
      [
        "FormatError: parseCifar: ~/data/cifar-10/data_batch_3.bin has 4000 bytes — records take 3073 each, a label and 3·32·32 pixels; the file is truncated, or no file of CIFAR-10",
        "FormatError: RecordFile: ~/data/cifar-10/data_batch_3.bin has 4000 bytes — records take 3073 each; the file is truncated",
      ]
    `);
    expect(await broken(new Uint8Array(0))).toMatchInlineSnapshot(`
      [
        "FormatError: parseCifar: ~/data/cifar-10/data_batch_3.bin has 0 bytes — records take 3073 each, a label and 3·32·32 pixels; the file is empty",
        "FormatError: RecordFile: ~/data/cifar-10/data_batch_3.bin has 0 bytes — records take 3073 each; the file is empty",
      ]
    `);
  });

  it("names a label that is none", async () => {
    expect((await broken(records(1, 10)))[0]).toMatchInlineSnapshot(
      `"FormatError: parseCifar: ~/data/cifar-10/data_batch_3.bin has label 10 in record 1 — labels must be below 10"`,
    );
    expect(() => parseCifar([{ file: "a", bytes: records(255) }])).toThrowError(/label 255 in record 0/);
  });

  it("names content that is not the published one", async () => {
    putTrain();
    expect(await message(CIFAR10.load({ ...options(), verify: true }))).toMatchInlineSnapshot(
      `"FormatError: CIFAR10: ~/data/cifar-10/data_batch_1.bin has content with SHA-256 773421efd9d7… — expected cee916563c9f…; replace it, or pass { verify: false } if it is meant to differ"`,
    );
    expect(await message(CIFAR10.open({ ...options(), verify: true }))).toMatch(/SHA-256/);
  });

  it("names a directory where a file is due", async () => {
    putTrain();
    mkdirSync(join(folder(), "data/cifar-10/test_batch.bin"));
    const test = { ...options(), split: "test" } as const;
    expect(await message(CIFAR10.load(test))).toMatchInlineSnapshot(
      `"FormatError: CIFAR10: ~/data/cifar-10/test_batch.bin: this is a folder — expected a file"`,
    );
    expect(await message(CIFAR10.open(test))).toMatch(/this is a folder — expected a file/);
    expect(await message(Promise.resolve().then(() => new FileImages([folder()], { shape: [3] })))).toMatch(
      /FormatError: RecordFile\(~\): this is a folder/,
    );
    expect(
      await message(Promise.resolve().then(() => new FileImages([`${folder()}/none`], { shape: [3] }))),
    ).toMatch(/FormatError: RecordFile\(~\/none\): there is no such file/);
  });

  it("names a packed file that is damaged", async () => {
    putTrain("data/cifar-10", (bytes) => gzipSync(bytes).subarray(0, 40), ".gz");
    expect(await message(CIFAR10.load(options()))).toMatch(
      /data_batch_1\.bin\.gz has 40 bytes that do not unpack/,
    );
    expect(await message(CIFAR10.open(options()))).toMatchInlineSnapshot(
      `"FormatError: CIFAR10: ~/data/cifar-10/data_batch_1.bin.gz has 40 bytes that do not unpack (unexpected end of file) — expected an intact gzip file; replace it, or delete it to have it downloaded again"`,
    );
    expect(readdirSync(join(folder(), "cache/cifar-10"))).toEqual([]);
  });

  it("says where it looked", async () => {
    expect(await message(CIFAR10.load(options()))).toMatchInlineSnapshot(
      `"DataNotFoundError: CIFAR10: data_batch_1.bin is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/cifar-10) — set TENSORGRAD_DATA to a folder that holds cifar-10/data_batch_1.bin, or use SyntheticShapes, which needs no files"`,
    );
  });
});

describe("an archive", () => {
  /** The bytes of an archive like the official one, of small files. */
  async function archive(): Promise<Uint8Array> {
    putTrain("official/cifar-10-batches-bin");
    put("official/cifar-10-batches-bin/test_batch.bin", records(0));
    const file = join(folder(), "official.tar.gz");
    await create({ file, cwd: join(folder(), "official"), gzip: true }, ["cifar-10-batches-bin"]);
    return readFileSync(file);
  }
  const source: Source = { title: "Small", folders: ["cifar-10"], mirrors: [], substitute: "nothing" };
  const packed = (bytes: Uint8Array) => ({
    name: "cifar-10-binary.tar.gz",
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });

  it("is unpacked where the user has put it", async () => {
    put("data/cifar-10/cifar-10-binary.tar.gz", await archive());
    expect([...(await CIFAR10.load(options())).labels]).toEqual(labels);
    expect((await CIFAR10.load({ ...options(), split: "test" })).length).toBe(1);
    expect(cached()).toEqual([...[1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`), "test_batch.bin"]);
  });

  it("is downloaded once for all of its files, also at the same time", async () => {
    const bytes = await archive();
    const mirror = await serve(serving(bytes));
    const find = (name: string) =>
      findFile(
        source,
        { name, sha256: "", packed: packed(bytes) },
        { ...found, download: true, mirrors: [mirror] },
      );
    const paths = await Promise.all(["data_batch_1.bin", "test_batch.bin"].map(find));
    expect(readFileSync(paths[1])[0]).toBe(0);
    expect(await find("data_batch_2.bin")).toBe(join(folder(), "cache/cifar-10/data_batch_2.bin"));
    expect(requests).toHaveLength(1);
    expect(readdirSync(join(folder(), "cache/cifar-10"))).toHaveLength(6); // and not the archive
  });

  it("names one that is damaged", async () => {
    const bytes = await archive();
    put("data/cifar-10/cifar-10-binary.tar.gz", bytes.subarray(0, bytes.length - 100));
    expect(await message(CIFAR10.load(options()))).toMatchInlineSnapshot(
      `"FormatError: CIFAR10: ~/data/cifar-10/cifar-10-binary.tar.gz does not unpack (unexpected end of file) — expected an intact archive; replace it, or delete it to have it downloaded again"`,
    );
    put("data/cifar-10/cifar-10-binary.tar.gz", gzipSync(new Uint8Array(5000)));
    expect(await message(CIFAR10.load(options()))).toMatch(/FormatError/);
    expect(readdirSync(join(folder(), "cache/cifar-10"))).toEqual([]);
  });
});

const real = process.env.TENSORGRAD_DATA;

describe.skipIf(!real)("CIFAR-10's own files", () => {
  it("are 50,000 training images, 5,000 of each class, with the statistics given", async () => {
    const { images, labels: classes } = await CIFAR10.load({ download: false });
    const counts = classes.reduce(
      (sums, label) => sums.with(label, sums[label] + 1),
      new Array<number>(10).fill(0),
    );
    expect(counts).toEqual(new Array(10).fill(5000));
    expect([...classes.subarray(0, 10)]).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    expect([...images.subarray(0, 3)]).toEqual([59, 43, 50]);
    const { mean, std } = CIFAR10.statistics;
    for (const channel of [0, 1, 2]) {
      let [sum, squares] = [0, 0];
      for (let image = 0; image < 50_000; image++) {
        const plane = images.subarray((image * 3 + channel) * 1024, (image * 3 + channel + 1) * 1024);
        for (const byte of plane) {
          sum += byte;
          squares += byte * byte;
        }
      }
      const average = sum / 51_200_000;
      expect(average / 255).toBeCloseTo(mean[channel], 4);
      expect(Math.sqrt(squares / 51_200_000 - average ** 2) / 255).toBeCloseTo(std[channel], 4);
    }
  });

  it("are 10,000 test images", async () => {
    const test = await CIFAR10.load({ download: false, split: "test" });
    expect([...test.labels.subarray(0, 10)]).toEqual([3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
    expect([test.length, CIFAR10.classes[test.labels[0]]]).toEqual([10_000, "cat"]);
  });
});
