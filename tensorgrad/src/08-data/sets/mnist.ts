import { checked } from "../../00-runtime/index.ts";
import {
  FIND_OPTIONS,
  type FindOptions,
  findFile,
  type Source,
  type SourceFile,
} from "../download/source.ts";
import { checkContent, readUnpacked } from "../download/unpack.ts";
import { parseLabelledImages } from "../readers/idx.ts";
import { IMAGE_OPTIONS, ImageDataset, type ImageOptions, ofImages } from "./images.ts";

/**
 * MNIST: 60,000 handwritten digits for training and 10,000 for testing, 28×28, grey.
 *
 * Source  LeCun, Cortes, Burges, The MNIST database of handwritten digits. The first two mirrors keep the original
 *         files for PyTorch and for TensorFlow.
 */
const SOURCE: Source = {
  title: "MNIST",
  folders: ["mnist"],
  mirrors: [
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
  ],
  substitute: "SyntheticDigits, which needs no files",
};

/** The part to learn from, or the part to be judged by. */
export type Split = "train" | "test";

const FILES: Readonly<Record<Split, { readonly images: SourceFile; readonly labels: SourceFile }>> = {
  train: {
    images: {
      name: "train-images-idx3-ubyte",
      sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      packed: {
        name: "train-images-idx3-ubyte.gz",
        bytes: 9912422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      },
    },
    labels: {
      name: "train-labels-idx1-ubyte",
      sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      packed: {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 28881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      },
    },
  },
  test: {
    images: {
      name: "t10k-images-idx3-ubyte",
      sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      packed: {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 1648877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      },
    },
    labels: {
      name: "t10k-labels-idx1-ubyte",
      sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      packed: {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 4542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      },
    },
  },
};

/** Throws  RangeError for a split that is none */
export function checkSplit(call: string, split: string): void {
  if (split === "train" || split === "test") return;
  throw new RangeError(
    `${call}: split ${JSON.stringify(split)} — "train" or "test"; a validation set comes from randomSplit(train, [0.9, 0.1])`,
  );
}

/** Options of `MNIST`. */
export interface MNISTOptions extends ImageOptions, FindOptions {
  readonly split?: Split;
  /** Whether contents must have the published SHA-256; `false` admits other data sets under MNIST's file names. */
  readonly verify?: boolean;
}

/**
 * MNIST's training or test images.
 *
 *   const train = await MNIST.load();
 *   const test = await MNIST.load({ split: "test" });
 *
 * Looks for the files, packed or not, in `$TENSORGRAD_DATA/mnist`, then `$TENSORGRAD_DATA`, then the cache folder,
 * and downloads them into the cache if they are nowhere.
 *
 * Memory  a byte per pixel: 47 MB for training, 8 MB for testing, outside the tensor heap
 * Throws  FormatError if a file is damaged, DataNotFoundError if there is none and no network
 */
export class MNIST extends ImageDataset {
  /** Reads one split from its files, which are looked for in `TENSORGRAD_DATA` and the cache. */
  static async load(given: MNISTOptions = {}): Promise<MNIST> {
    const {
      split = "train",
      verify = true,
      ...options
    } = checked("MNIST.load", given, ["shape", ...IMAGE_OPTIONS, ...FIND_OPTIONS, "split", "verify"]);
    checkSplit("MNIST.load", split);
    const { images, labels } = FILES[split];
    const [imagesFile, labelsFile] = [
      await readUnpacked(SOURCE.title, await findFile(SOURCE, images, options)),
      await readUnpacked(SOURCE.title, await findFile(SOURCE, labels, options)),
    ];
    const parsed = parseLabelledImages(imagesFile, labelsFile);
    if (verify) {
      checkContent(SOURCE.title, imagesFile, images);
      checkContent(SOURCE.title, labelsFile, labels);
    }
    return new MNIST(parsed.images, parsed.labels, {
      ...ofImages(options),
      shape: options.shape ?? [1, parsed.rows, parsed.columns],
    });
  }
}
