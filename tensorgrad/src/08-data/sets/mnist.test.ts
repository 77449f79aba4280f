import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { idxLabels } from "../../../tests/08-data/idx.fixture.ts";
import { closedPort, images, temporaryFolders } from "../../../tests/08-data/mnist.fixture.ts";
import { Random } from "../../00-runtime/index.ts";
import { CIFAR10 } from "./cifar10.ts";
import { loadDigits } from "./digits.ts";
import { MNIST } from "./mnist.ts";

const { put, options, message, folder } = temporaryFolders();

/** Two training images, labelled 3 and 4. */
function putTrain(where = "data/mnist"): void {
  put(`${where}/train-images-idx3-ubyte`, images(2));
  put(`${where}/train-labels-idx1-ubyte`, idxLabels([3, 4]));
}

describe("MNIST.load", () => {
  it("reads files in the mnist folder", async () => {
    putTrain();
    const data = await MNIST.load(options);
    const { x, y } = data.batch([1]);
    expect([data.length, x.shape, y.toArray()]).toEqual([2, [1, 1, 28, 28], [4]]);
    expect(x.data[0]).toBe(Math.fround((784 % 256) / 255));
  });

  it("reads files in the data folder itself, and in the cache", async () => {
    putTrain("data");
    expect(await MNIST.load(options)).toHaveLength(2);
    rmSync(join(folder(), "data"), { recursive: true });
    putTrain("cache/mnist");
    expect(await MNIST.load(options)).toHaveLength(2);
  });

  it("reads packed files, and test files", async () => {
    put("data/mnist/t10k-images-idx3-ubyte.gz", gzipSync(images(1)));
    put("data/mnist/t10k-labels-idx1-ubyte.gz", gzipSync(idxLabels([5])));
    const data = await MNIST.load({ ...options, split: "test", shape: [784] });
    expect([...data.labels, ...data.batch([0]).x.shape]).toEqual([5, 1, 784]);
  });

  it("finds the folder through TENSORGRAD_DATA", async () => {
    putTrain();
    vi.stubEnv("TENSORGRAD_DATA", options.data);
    const data = await MNIST.load({ cache: options.cache, download: false, verify: false });
    vi.unstubAllEnvs();
    expect(data).toHaveLength(2);
  });
});

describe("MNIST.load with bad files", () => {
  const broken = async (file: string, bytes: Uint8Array): Promise<string> => {
    putTrain();
    put(`data/mnist/${file}`, bytes);
    return message(MNIST.load(options));
  };

  it("names a truncated file", async () => {
    expect(await broken("train-images-idx3-ubyte", images(2).subarray(0, 999))).toMatchInlineSnapshot(
      `"FormatError: parseIdx: ~/data/mnist/train-images-idx3-ubyte has 999 bytes — its header announces 2 images of 28×28, 1584 bytes in all; the file is truncated"`,
    );
  });

  it("names an empty file", async () => {
    expect(await broken("train-labels-idx1-ubyte", new Uint8Array(0))).toMatchInlineSnapshot(
      `"FormatError: parseIdx: ~/data/mnist/train-labels-idx1-ubyte is empty — expected labels (magic 2049)"`,
    );
  });

  it("names labels where images are due", async () => {
    expect(await broken("train-images-idx3-ubyte", idxLabels([3, 4]))).toMatchInlineSnapshot(
      `"FormatError: parseIdx: ~/data/mnist/train-images-idx3-ubyte has magic 2049 (labels) — expected 2051 (images); is it the right file under the wrong name?"`,
    );
  });

  it("names files whose counts differ", async () => {
    expect(await broken("train-labels-idx1-ubyte", idxLabels([1, 2, 3]))).toMatchInlineSnapshot(
      `"FormatError: parseLabelledImages: ~/data/mnist/train-images-idx3-ubyte has 2 images, ~/data/mnist/train-labels-idx1-ubyte has 3 labels — every image needs its label; take both from the same data set"`,
    );
  });

  it("names a packed file that is damaged, at its end or in the middle", async () => {
    const packed = gzipSync(images(2));
    put("data/mnist/train-images-idx3-ubyte.gz", packed.subarray(0, packed.length - 20));
    put("data/mnist/train-labels-idx1-ubyte.gz", gzipSync(idxLabels([3, 4])));
    const cut = await message(MNIST.load(options));
    expect(cut.replace(/has \d+ bytes/, "has N bytes")).toMatchInlineSnapshot(
      `"FormatError: MNIST: ~/data/mnist/train-images-idx3-ubyte.gz has N bytes that do not unpack (unexpected end of file) — expected an intact gzip file; replace it, or delete it to have it downloaded again"`,
    );
    packed[packed.length - 6] ^= 1; // a bit of the checksum
    put("data/mnist/train-images-idx3-ubyte.gz", packed);
    const flipped = await message(MNIST.load(options));
    expect(flipped.replace(/has \d+ bytes/, "has N bytes")).toMatchInlineSnapshot(
      `"FormatError: MNIST: ~/data/mnist/train-images-idx3-ubyte.gz has N bytes that do not unpack (incorrect data check) — expected an intact gzip file; replace it, or delete it to have it downloaded again"`,
    );
  });

  it("names a directory where a file is due", async () => {
    mkdirSync(join(folder(), "data/mnist/train-images-idx3-ubyte"), { recursive: true });
    put("data/mnist/train-labels-idx1-ubyte", idxLabels([3, 4]));
    expect(await message(MNIST.load(options))).toMatchInlineSnapshot(
      `"FormatError: MNIST: ~/data/mnist/train-images-idx3-ubyte: this is a folder — expected a file"`,
    );
  });

  it("names content that is not the published one", async () => {
    putTrain();
    expect(await message(MNIST.load({ ...options, verify: true }))).toMatchInlineSnapshot(
      `"FormatError: MNIST: ~/data/mnist/train-images-idx3-ubyte has content with SHA-256 efef388bd39f… — expected ba891046e650…; replace it, or pass { verify: false } if it is meant to differ"`,
    );
  });
});

describe("MNIST.load and CIFAR10.load", () => {
  it("know two splits", async () => {
    const split = "validation" as "test";
    await expect(MNIST.load({ split })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MNIST.load: split "validation" — "train" or "test"; a validation set comes from randomSplit(train, [0.9, 0.1])]`,
    );
    await expect(CIFAR10.load({ split })).rejects.toThrowError('CIFAR10.load: split "validation"');
    await expect(CIFAR10.open({ split })).rejects.toThrowError('CIFAR10.open: split "validation"');
  });
});

describe("MNIST.load without files", () => {
  it("says where it looked and what to set", async () => {
    expect(await message(MNIST.load(options))).toMatchInlineSnapshot(
      `"DataNotFoundError: MNIST: train-images-idx3-ubyte is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/mnist) — set TENSORGRAD_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz, or use SyntheticDigits, which needs no files"`,
    );
    expect(await message(MNIST.load({ ...options, data: "" }))).toMatchInlineSnapshot(
      `"DataNotFoundError: MNIST: train-images-idx3-ubyte is nowhere to be found (looked in ~/cache/mnist; TENSORGRAD_DATA is not set) — set TENSORGRAD_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz, or use SyntheticDigits, which needs no files"`,
    );
  });

  it("says why no mirror served", async () => {
    const closed = `http://127.0.0.1:${await closedPort()}`;
    const mirrors = [`${closed}/a`, `${closed}/b/`];
    const text = await message(MNIST.load({ ...options, download: true, mirrors }));
    expect(text.replaceAll(closed.slice(7), "host")).toMatchInlineSnapshot(
      `"DataNotFoundError: MNIST: train-images-idx3-ubyte is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/mnist; tried http://host/a/train-images-idx3-ubyte.gz: connect ECONNREFUSED host, http://host/b/train-images-idx3-ubyte.gz: connect ECONNREFUSED host) — set TENSORGRAD_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz, or use SyntheticDigits, which needs no files"`,
    );
  });
});

describe("loadDigits", () => {
  const small = { synthetic: { train: 20, test: 10 }, random: new Random(1) };

  it("takes MNIST where it is", async () => {
    putTrain();
    put("data/mnist/t10k-images-idx3-ubyte", images(1));
    put("data/mnist/t10k-labels-idx1-ubyte", idxLabels([5]));
    const notices: string[] = [];
    const digits = await loadDigits({ ...options, verify: false, onNotice: (text) => notices.push(text) });
    expect([digits.name, digits.train.length, digits.test.length]).toEqual(["mnist", 2, 1]);
    expect(notices).toEqual([]);
  });

  it("draws digits where there is none, and says so", async () => {
    const notices: string[] = [];
    const digits = await loadDigits({ ...options, ...small, onNotice: (text) => notices.push(text) });
    expect([digits.name, digits.train.length, digits.test.length]).toEqual(["synthetic", 20, 10]);
    expect(
      notices.map((text) => text.replaceAll(folder(), "~").replaceAll("\\", "/")),
    ).toMatchInlineSnapshot(`
      [
        "MNIST: train-images-idx3-ubyte is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/mnist) — set TENSORGRAD_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz, or use SyntheticDigits, which needs no files. Synthetic digits stand in.",
      ]
    `);
  });

  it("does not hide a damaged file behind synthetic digits", async () => {
    putTrain();
    put("data/mnist/train-images-idx3-ubyte", images(2).subarray(0, 100));
    await expect(loadDigits({ ...options, ...small })).rejects.toThrow(/truncated/);
  });
});
