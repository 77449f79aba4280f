import { checked, defaultRandom, type Random } from "../../00-runtime/index.ts";
import { DataNotFoundError } from "../dataset.ts";
import { FIND_OPTIONS } from "../download/source.ts";
import { IMAGE_OPTIONS, type ImageDataset, ofImages } from "./images.ts";
import { MNIST, type MNISTOptions } from "./mnist.ts";
import { SyntheticDigits } from "./synthetic.ts";

/** The two splits of handwritten digits, and where they came from. */
export interface Digits {
  readonly name: "mnist" | "synthetic";
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** Options of `loadDigits`. */
export interface DigitsOptions extends Omit<MNISTOptions, "split"> {
  /** Draws the synthetic digits. */
  readonly random?: Random;
  /** How many to draw, where there is no MNIST. */
  readonly synthetic?: { readonly train: number; readonly test: number };
  /** Told when synthetic digits stand in, and why. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * Digits to train on, whatever this machine has: MNIST from `TENSORGRAD_DATA` or the cache, else synthetic ones at once.
 *
 * Downloads only when asked: `{ download: true }`. A damaged file is an error, not a reason to fall back.
 */
export async function loadDigits(options: DigitsOptions = {}): Promise<Digits> {
  const {
    download = false,
    onNotice = console.warn,
    random = defaultRandom,
    synthetic = { train: 6000, test: 1000 },
    ...files
  } = checked("loadDigits", options, [
    "shape",
    ...IMAGE_OPTIONS,
    ...FIND_OPTIONS,
    "verify",
    "random",
    "synthetic",
    "onNotice",
  ]);
  try {
    return {
      name: "mnist",
      train: await MNIST.load({ ...files, download, split: "train" }),
      test: await MNIST.load({ ...files, download, split: "test" }),
    };
  } catch (error) {
    if (!(error instanceof DataNotFoundError)) throw error;
    onNotice(`${error.message}. Synthetic digits stand in.`);
    return {
      name: "synthetic",
      train: new SyntheticDigits({ ...ofImages(files), count: synthetic.train, random }),
      test: new SyntheticDigits({ ...ofImages(files), count: synthetic.test, random }),
    };
  }
}
