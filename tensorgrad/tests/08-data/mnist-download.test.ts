import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MNIST, type MNISTOptions } from "../../src/08-data/sets/mnist.ts";
import { closedPort, temporaryFolders } from "./mnist.fixture.ts";

const { options, folder } = temporaryFolders();

const real = process.env.TENSORGRAD_DATA;

describe.skipIf(!real)("MNIST's own files", () => {
  const counts = (labels: Uint8Array): number[] =>
    labels.reduce((sums, label) => sums.with(label, sums[label] + 1), new Array<number>(10).fill(0));

  it("are the 60,000 training images", async () => {
    const { labels, images: pixels } = await MNIST.load({ download: false });
    expect(counts(labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    let [sum, squares] = [0, 0];
    for (const byte of pixels) {
      sum += byte;
      squares += byte * byte;
    }
    const mean = sum / pixels.length / 255;
    expect(mean).toBeCloseTo(0.13066, 6);
    expect(Math.sqrt(squares / pixels.length / 255 ** 2 - mean ** 2)).toBeCloseTo(0.308108, 6);
  });

  it("are the 10,000 test images", async () => {
    const { labels } = await MNIST.load({ download: false, split: "test" });
    expect(counts(labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect([...labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it("arrive whole from the second mirror when the first one is down", async () => {
    const files = join(real as string, "mnist");
    const server = createServer((request, response) =>
      response.end(readFileSync(join(files, request.url ?? ""))),
    );
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const down = `http://127.0.0.1:${await closedPort()}`;
    const mirrors = [down, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const seen: number[] = [];
    const onDownload = ({ bytes }: { bytes: number }): unknown => seen.push(bytes);
    const online: MNISTOptions = { ...options, split: "test", verify: true };
    expect(await MNIST.load({ ...online, download: true, mirrors, onDownload })).toHaveLength(10_000);
    server.close();
    expect(seen.at(-1)).toBe(4542);
    expect(readdirSync(join(folder(), "cache/mnist")).sort()).toEqual([
      "t10k-images-idx3-ubyte.gz",
      "t10k-labels-idx1-ubyte.gz",
    ]);
    expect(await MNIST.load(online)).toHaveLength(10_000); // from the cache now
  });
});
