import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { encode as encodePng } from "fast-png";
import jpeg from "jpeg-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FormatError } from "../../00-runtime/index.ts";
import "tensorgrad";
import { DataLoader } from "../loading/loader.ts";
import { ImageFolder } from "./image-folder.ts";
import { decodePicture, resized } from "./picture-file.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pictures-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, bytes: Uint8Array): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), bytes);
};

/** A picture of one colour. */
const png = (width: number, height: number, colour: readonly number[]): Uint8Array =>
  encodePng({
    width,
    height,
    channels: colour.length as 1 | 2 | 3 | 4,
    data: Uint8Array.from({ length: width * height * colour.length }, (_, i) => colour[i % colour.length]),
  });

const jpg = (width: number, height: number, colour: readonly number[]): Uint8Array =>
  jpeg.encode(
    {
      width,
      height,
      data: Uint8Array.from({ length: width * height * 4 }, (_, i) => [...colour, 255][i % 4]),
    },
    100,
  ).data;

describe("ImageFolder", () => {
  it("reads pictures by class, PNG and JPEG alike", () => {
    put("dog/1.png", png(2, 3, [255, 0, 51]));
    put("cat/a.jpg", jpg(2, 3, [0, 0, 0]));
    put("cat/notes.txt", Uint8Array.of(1));
    const pictures = new ImageFolder(root);
    expect([pictures.length, pictures.classes, pictures.shape]).toEqual([2, ["cat", "dog"], [3, 3, 2]]);
    const { x, y } = pictures.batch([1, 0]);
    expect(y.toArray()).toEqual([1, 0]);
    expect(Array.from(x.select(0, 0).reshape(3, -1).select(1, 0).data)).toEqual([1, 0, Math.fround(0.2)]);
    expect(x.select(0, 1).max().item()).toBeLessThan(0.02);
  });

  it("brings all to one size where it is told to, and to grey", () => {
    put("a/1.png", png(8, 8, [200, 200, 200]));
    put("a/2.png", png(3, 5, [100]));
    const grey = new ImageFolder(root, { channels: 1, size: [4, 4] });
    const { x } = grey.batch([0, 1]);
    expect(x.shape).toEqual([2, 1, 4, 4]);
    expect(Array.from(x.data, (value) => Math.round(value * 255))).toEqual([
      ...Array<number>(16).fill(200),
      ...Array<number>(16).fill(100),
    ]);
  });

  it("is read by workers as by one thread", async () => {
    for (let i = 0; i < 6; i++) put(`${i % 2 ? "odd" : "even"}/${i}.png`, png(4, 4, [40 * i, 0, 0]));
    const pictures = new ImageFolder(root);
    const read = async (workers: number): Promise<number[]> => {
      const loader = new DataLoader(pictures, { batchSize: 4, workers });
      const all: number[] = [];
      for await (const { x, y } of loader) all.push(...x.data, ...y.data);
      await loader.close();
      return all;
    };
    expect(await read(1)).toEqual(await read(0));
  });

  it("says what is wrong, and where", () => {
    expect(() => new ImageFolder(join(root, "none"))).toThrow("there is no such folder");
    expect(() => new ImageFolder(root)).toThrow("no folders in it");
    mkdirSync(join(root, "a"));
    expect(() => new ImageFolder(root)).toThrow("no .png, .jpg or .jpeg in its 1 folders");
    put("a/1.png", png(2, 2, [1, 2, 3]));
    put("a/2.png", png(3, 2, [1, 2, 3]));
    expect(() => new ImageFolder(root).batch([1])).toThrow(
      "[2, 3] (height, width), the first one [2, 2] — bring all to one size",
    );
    put("a/3.png", Uint8Array.from(Buffer.from("<html>")));
    expect(() => new ImageFolder(root).batch([2])).toThrow("3.png: neither PNG nor JPEG");
    put("a/3.png", png(2, 2, [1, 2, 3]).slice(0, 40));
    expect(() => new ImageFolder(root).batch([2])).toThrow("a damaged PNG");
    expect(() => new ImageFolder(root, { channels: 2 as 1 })).toThrow(
      "channels 2 — 3 for colours, 1 for grey",
    );
    expect(() => new ImageFolder(root, { size: [0, 4] })).toThrow("size [0, 4]");
  });
});

describe("decodePicture", () => {
  it("refuses a file that claims to be enormous before it takes the memory", () => {
    const bytes = png(2, 2, [1, 2, 3]);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, 100_000);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(20, 100_000);
    expect(() => decodePicture(bytes, 3, "decode")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decode: 10000 million pixels — at most 64 million are read; make it smaller]`,
    );
  });

  it("refuses every damaged file with an error of its own, or reads pixels", () => {
    const files = [png(5, 4, [9, 8, 7]), jpg(8, 8, [90, 80, 70])];
    const changes = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...files), changes, fc.nat(30), (file, places, cut) => {
        const bytes = file.slice(0, Math.max(1, file.length - cut));
        for (const [at, value] of places) if (at < bytes.length) bytes[at] = value;
        try {
          decodePicture(bytes, 3, "decode");
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("resized", () => {
  it("keeps the mean, and leaves a picture of the right size alone", () => {
    const picture = decodePicture(png(6, 6, [120]), 1, "decode");
    expect(resized(picture, 6, 6)).toBe(picture);
    expect(new Set(resized(picture, 3, 9).pixels)).toEqual(new Set([120]));
  });

  it("means the pixels that a larger one covers", () => {
    const pixels = Uint8Array.of(0, 100, 200, 100, 0, 100, 200, 100);
    const half = resized({ width: 4, height: 2, channels: 1, pixels }, 2, 2);
    expect(half.pixels[0]).toBeLessThan(half.pixels[1]);
    expect(Math.round((half.pixels[0] + half.pixels[1]) / 2)).toBeGreaterThan(80);
  });
});
