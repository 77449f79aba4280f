import { checked, expectArgument, FormatError } from "../../00-runtime/index.ts";
import {
  cacheOf,
  FIND_OPTIONS,
  type FindOptions,
  findFile,
  type Source,
  type SourceFile,
} from "../download/source.ts";
import { checkContent, checkContentOf, readUnpacked, unpackedPath } from "../download/unpack.ts";
import { expectNamedBytes, type NamedBytes } from "../readers/idx.ts";
import { FileImages } from "./file-images.ts";
import { IMAGE_OPTIONS, ImageDataset, type ImageOptions, ofImages } from "./images.ts";
import { checkSplit, type Split } from "./mnist.ts";

/**
 * CIFAR-10: 50,000 colour photographs for training and 10,000 for testing, 32×32, ten classes.
 *
 * Source  Krizhevsky 2009, Learning multiple layers of features from tiny images. The second mirror keeps the original
 *         archive for Swift for TensorFlow.
 */
const SOURCE: Source = {
  title: "CIFAR10",
  folders: ["cifar-10", "cifar-10-batches-bin"],
  mirrors: [
    "https://www.cs.toronto.edu/~kriz",
    "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10",
  ],
  substitute: "SyntheticShapes, which needs no files",
};

const packed = {
  name: "cifar-10-binary.tar.gz",
  bytes: 170052171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
};

const batch = (name: string, sha256: string): SourceFile => ({ name, sha256, packed });

const FILES: Readonly<Record<Split, readonly SourceFile[]>> = {
  train: [
    batch("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
    batch("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
    batch("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
    batch("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
    batch("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
  ],
  test: [batch("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")],
};

const SHAPE = [3, 32, 32] as const;
const PIXELS = 3 * 32 * 32;
const CLASSES = 10;

/** Options of `CIFAR10`. */
export interface CIFAR10Options extends Omit<ImageOptions, "shape">, FindOptions {
  readonly split?: Split;
  /** Whether contents must have the published SHA-256; `false` admits other data sets under the same file names. */
  readonly verify?: boolean;
}

/**
 * CIFAR-10's training or test images.
 *
 *   const augment = new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()]);
 *   const train = await CIFAR10.load({ ...CIFAR10.statistics, transform: augment });
 *   const test = await CIFAR10.load({ ...CIFAR10.statistics, split: "test" });
 *
 * Looks for the files, packed or not, in `$TENSORGRAD_DATA/cifar-10`, then `$TENSORGRAD_DATA`, then the cache folder,
 * and downloads the archive into the cache if they are nowhere.
 *
 * Shapes  batches x [B, 3, 32, 32], y [B]
 * Memory  a byte per number: 154 MB for training, 31 MB for testing, outside the tensor heap, shared with workers
 * Throws  FormatError if a file is damaged, DataNotFoundError if there is none and no network
 */
export class CIFAR10 extends ImageDataset {
  static readonly classes: readonly string[] = [
    ..."airplane automobile bird cat deer dog frog horse ship truck".split(" "),
  ];

  /** Mean and deviation of each channel over the training images, for pixels from 0 to 1. */
  static readonly statistics = {
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
  } as const;

  /** Reads one split from its files, which are looked for in `TENSORGRAD_DATA` and the cache. */
  static async load(options: CIFAR10Options = {}): Promise<CIFAR10> {
    const { split = "train", verify = true } = checked("CIFAR10.load", options, [
      ...IMAGE_OPTIONS,
      ...FIND_OPTIONS,
      "split",
      "verify",
    ]);
    checkSplit("CIFAR10.load", split);
    const files: NamedBytes[] = [];
    for (const file of FILES[split]) {
      const content = await readUnpacked(SOURCE.title, await findFile(SOURCE, file, options));
      if (verify) checkContent(SOURCE.title, content, file);
      files.push(content);
    }
    const { images, labels } = parseCifar(files);
    return new CIFAR10(images, labels, { ...ofImages(options), shape: SHAPE });
  }

  /**
   * The same images, read from the disk when a batch needs them. Packed files are unpacked into the cache first.
   *
   * Memory  less than 1 MB
   */
  static async open(options: CIFAR10Options = {}): Promise<FileImages> {
    const { split = "train", verify = true } = checked("CIFAR10.open", options, [
      ...IMAGE_OPTIONS,
      ...FIND_OPTIONS,
      "split",
      "verify",
    ]);
    checkSplit("CIFAR10.open", split);
    const paths: string[] = [];
    for (const file of FILES[split]) {
      const found = await findFile(SOURCE, file, options);
      const path = await unpackedPath(SOURCE.title, found, cacheOf(SOURCE, options));
      if (verify) await checkContentOf(SOURCE.title, path, file);
      paths.push(path);
    }
    return new FileImages(paths, { ...ofImages(options), shape: SHAPE });
  }
}

/**
 * Reads CIFAR-10's binary format: records of 3,073 bytes, a label and then the red, green and blue planes, row by row.
 *
 * Shapes  images [N · 3072], labels [N], in memory that threads share
 * Throws  FormatError naming the file if it is empty, truncated, or has a label that is none
 */
export function parseCifar(files: readonly NamedBytes[]): { images: Uint8Array; labels: Uint8Array } {
  expectArgument(Array.isArray(files), "parseCifar", "files", files, "a list of { file, bytes }");
  const record = 1 + PIXELS;
  for (const named of files) {
    expectNamedBytes("parseCifar", named);
    const { file, bytes } = named;
    if (bytes.length > 0 && bytes.length % record === 0) continue;
    const problem = bytes.length === 0 ? "empty" : "truncated, or no file of CIFAR-10";
    throw new FormatError(
      `parseCifar: ${file} has ${bytes.length} bytes — records take ${record} each, a label and 3·32·32 pixels; ` +
        `the file is ${problem}`,
    );
  }
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / record, 0);
  const images = new Uint8Array(new SharedArrayBuffer(count * PIXELS));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  let i = 0;
  for (const { file, bytes } of files) {
    for (let at = 0; at < bytes.length; at += record, i++) {
      if (bytes[at] >= CLASSES) {
        throw new FormatError(
          `parseCifar: ${file} has label ${bytes[at]} in record ${at / record} — labels must be below ${CLASSES}`,
        );
      }
      labels[i] = bytes[at];
      images.set(bytes.subarray(at + 1, at + record), i * PIXELS);
    }
  }
  return { images, labels };
}
