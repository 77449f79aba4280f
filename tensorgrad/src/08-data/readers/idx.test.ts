import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idxImages, idxLabels } from "../../../tests/08-data/idx.fixture.ts";
import { parseIdx, parseLabelledImages } from "./idx.ts";

describe("parseIdx", () => {
  it("reads images", () => {
    const bytes = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);
    const { shape, data } = parseIdx({ file: "images", bytes }, "images");
    expect(shape).toEqual([2, 1, 3]);
    expect([...data]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it("reads labels", () => {
    const bytes = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1);
    expect(parseIdx({ file: "labels", bytes }, "labels")).toEqual({
      shape: [3],
      data: Uint8Array.of(7, 2, 1),
    });
  });

  it("reads a view that starts inside a larger buffer, without a copy", () => {
    const whole = new Uint8Array(64);
    whole.set(idxLabels([4, 5]), 9);
    const { data } = parseIdx({ file: "labels", bytes: whole.subarray(9, 19) }, "labels");
    expect([...data]).toEqual([4, 5]);
    expect(data.buffer).toBe(whole.buffer);
  });

  it("undoes the fixture's writer for every size", () => {
    const size = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(size, size, size, (count, rows, columns) => {
        const bytes = idxImages(count, rows, columns, (i) => (7 * i) % 256);
        const parse = () => parseIdx({ file: "images", bytes }, "images");
        if (count > 0 && rows * columns === 0) {
          expect(parse).toThrow("at least one pixel");
          return;
        }
        const { shape, data } = parse();
        expect(shape).toEqual([count, rows, columns]);
        expect([...data]).toEqual(Array.from({ length: count * rows * columns }, (_, i) => (7 * i) % 256));
      }),
      { seed: 1 },
    );
  });

  it("accepts no proper prefix of a file", () => {
    const bytes = idxImages(2, 3, 3);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseIdx({ file: "images", bytes: bytes.subarray(0, length) }, "images")).toThrow();
    }
  });
});

describe("parseIdx errors", () => {
  const read = (bytes: Uint8Array, kind: "images" | "labels" = "images") =>
    parseIdx({ file: "train-images-idx3-ubyte", bytes }, kind);

  it("names an empty file", () => {
    expect(() => read(new Uint8Array(0))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte is empty — expected images (magic 2051)]`,
    );
  });

  it("names labels where images are due, and images where labels are due", () => {
    expect(() => read(idxLabels([1, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has magic 2049 (labels) — expected 2051 (images); is it the right file under the wrong name?]`,
    );
    expect(() => read(idxImages(1, 2, 2), "labels")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has magic 2051 (images) — expected 2049 (labels); is it the right file under the wrong name?]`,
    );
  });

  it("names another format, and one that is still packed", () => {
    expect(() => read(new TextEncoder().encode("<html>404</html>"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has magic 1013478509 (no IDX file of bytes) — expected 2051 (images)]`,
    );
    expect(() => read(Uint8Array.of(0x1f, 0x8b, 8, 0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has magic 529205248 (gzip) — expected 2051 (images); unpack it first]`,
    );
  });

  it("names a header that is cut short", () => {
    expect(() => read(idxImages(1, 2, 2).subarray(0, 9))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has 9 bytes — the header alone of images takes 16; the file is truncated]`,
    );
    expect(() => read(Uint8Array.of(0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has 2 bytes — the header alone of images takes 16; the file is truncated]`,
    );
  });

  it("names a body that is cut short or too long", () => {
    expect(() => read(idxImages(3, 28, 28).subarray(0, 1000))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has 1000 bytes — its header announces 3 images of 28×28, 2368 bytes in all; the file is truncated]`,
    );
    expect(() => read(Uint8Array.of(...idxLabels([1, 2]), 0), "labels")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has 11 bytes — its header announces 2 labels, 10 bytes in all; the file goes on after them]`,
    );
  });

  it("refuses any number of images of nothing", () => {
    const bytes = idxImages(1, 0, 28);
    bytes.fill(0xff, 4, 8);
    expect(() => read(bytes)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte announces 4294967295 images of 0×28 — an image has at least one pixel; the file is damaged]`,
    );
  });

  it("is not fooled by a header whose sizes overflow", () => {
    const bytes = idxImages(1, 2, 2);
    bytes.fill(0xff, 4, 16);
    expect(() => read(bytes)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseIdx: train-images-idx3-ubyte has 20 bytes — its header announces 4294967295 images of 4294967295×4294967295, 7.9228162458924105e+28 bytes in all; the file is truncated]`,
    );
  });
});

describe("parseLabelledImages", () => {
  const images = { file: "images", bytes: idxImages(3, 2, 2, (i) => i) };

  it("pairs images with labels", () => {
    const read = parseLabelledImages(images, { file: "labels", bytes: idxLabels([9, 0, 5]) });
    expect([...read.labels]).toEqual([9, 0, 5]);
    expect(read).toMatchObject({ count: 3, rows: 2, columns: 2 });
    expect([...read.images.subarray(4, 8)]).toEqual([4, 5, 6, 7]);
  });

  it("refuses counts that differ", () => {
    const labels = { file: "labels", bytes: idxLabels([9, 0]) };
    expect(() => parseLabelledImages(images, labels)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseLabelledImages: images has 3 images, labels has 2 labels — every image needs its label; take both from the same data set]`,
    );
  });

  it("refuses a label out of range", () => {
    const labels = { file: "labels", bytes: idxLabels([9, 0, 10]) };
    expect(() => parseLabelledImages(images, labels)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: parseLabelledImages: labels has label 10 at position 2 — labels must be below 10]`,
    );
  });
});
