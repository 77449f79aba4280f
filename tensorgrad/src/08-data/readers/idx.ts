import { expectArgument, FormatError } from "../../00-runtime/index.ts";

/**
 * IDX, the format of MNIST's files, is a header of big-endian 32-bit words followed by plain bytes:
 *
 *   images  2051, count, rows, columns, then count · rows · columns pixels, row-major, 0 = paper, 255 = ink
 *   labels  2049, count, then one byte each
 *
 * The magic word says what follows: its third byte is the element type (8 = uint8), its fourth the rank.
 *
 * Source  LeCun, Cortes, Burges, The MNIST database of handwritten digits
 */
const MAGIC = { images: 2051, labels: 2049 } as const;

export type IdxKind = keyof typeof MAGIC;

export interface IdxArray {
  /** `[count, rows, columns]` for images, `[count]` for labels. */
  readonly shape: readonly number[];
  /** A view of the bytes given, not a copy. */
  readonly data: Uint8Array;
}

/** Images with their labels, as bytes. */
export interface LabelledBytes {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

/** A file's content (unpacked) and the name that errors call it by. */
export interface NamedBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Refuses anything but a name with bytes. */
export const expectNamedBytes = (call: string, named: NamedBytes): void =>
  expectArgument(
    named?.bytes instanceof Uint8Array,
    call,
    "file",
    named,
    "{ file: its name, bytes: a Uint8Array }",
  );

/**
 * Reads one IDX file.
 *
 * Throws  FormatError naming the file, what was expected and what was found: an empty file, another format,
 *         labels where images are due, a size that is not the one its header announces, images without a pixel
 */
export function parseIdx(named: NamedBytes, kind: IdxKind): IdxArray {
  expectNamedBytes("parseIdx", named);
  expectArgument(
    Object.hasOwn(MAGIC, kind),
    "parseIdx",
    "kind",
    kind,
    `one of ${Object.keys(MAGIC).join(", ")}`,
  );
  const { file, bytes } = named;
  const rank = MAGIC[kind] & 0xff;
  const header = 4 + 4 * rank;
  if (bytes.length === 0) {
    throw new FormatError(`parseIdx: ${file} is empty — expected ${kind} (magic ${MAGIC[kind]})`);
  }
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 4) checkMagic(words.getUint32(0), kind, file);
  if (bytes.length < header) {
    throw new FormatError(
      `parseIdx: ${file} has ${bytes.length} bytes — the header alone of ${kind} takes ${header}; the file is truncated`,
    );
  }
  const shape = Array.from({ length: rank }, (_, i) => words.getUint32(4 + 4 * i));
  const expected = header + shape.reduce((size, n) => size * n, 1);
  if (bytes.length !== expected) {
    const problem = bytes.length < expected ? "the file is truncated" : "the file goes on after them";
    throw new FormatError(
      `parseIdx: ${file} has ${bytes.length} bytes — its header announces ${describe(kind, shape)}, ` +
        `${expected} bytes in all; ${problem}`,
    );
  }
  if (shape[0] > 0 && expected === header) {
    throw new FormatError(
      `parseIdx: ${file} announces ${describe(kind, shape)} — an image has at least one pixel; the file is damaged`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

/**
 * Reads a file of images and the file of their labels.
 *
 * Throws  FormatError if either is damaged, their counts differ, or a label is not below `classes`
 */
export function parseLabelledImages(images: NamedBytes, labels: NamedBytes, classes = 10): LabelledBytes {
  const pixels = parseIdx(images, "images");
  const marks = parseIdx(labels, "labels");
  const [count, rows, columns] = pixels.shape;
  if (count !== marks.shape[0]) {
    throw new FormatError(
      `parseLabelledImages: ${images.file} has ${count} images, ${labels.file} has ${marks.shape[0]} labels — ` +
        "every image needs its label; take both from the same data set",
    );
  }
  const wrong = marks.data.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new FormatError(
      `parseLabelledImages: ${labels.file} has label ${marks.data[wrong]} at position ${wrong} — ` +
        `labels must be below ${classes}`,
    );
  }
  return { images: pixels.data, labels: marks.data, count, rows, columns };
}

function checkMagic(found: number, kind: IdxKind, file: string): void {
  if (found === MAGIC[kind]) return;
  const other: IdxKind = kind === "images" ? "labels" : "images";
  const [meaning, remedy] =
    found === MAGIC[other]
      ? [other, "; is it the right file under the wrong name?"]
      : found >>> 16 === 0x1f8b
        ? ["gzip", "; unpack it first"]
        : ["no IDX file of bytes", ""];
  throw new FormatError(
    `parseIdx: ${file} has magic ${found} (${meaning}) — expected ${MAGIC[kind]} (${kind})${remedy}`,
  );
}

const describe = (kind: IdxKind, shape: readonly number[]): string =>
  kind === "images" ? `${shape[0]} images of ${shape[1]}×${shape[2]}` : `${shape[0]} labels`;
