import { defaultRandom, type Random } from "../../00-runtime/index.ts";
import { DataNotFoundError } from "../dataset.ts";
import type { ImageDataset } from "./images.ts";
import { MNIST, type MNISTOptions } from "./mnist.ts";
import { SyntheticDigits } from "./synthetic.ts";

export interface Digits {
  readonly name: "mnist" | "synthetic";
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

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
  const { download = false, onNotice = console.warn, random = defaultRandom } = options;
  const { synthetic = { train: 6000, test: 1000 } } = options;
  try {
    return {
      name: "mnist",
      train: await MNIST.load({ ...options, download, split: "train" }),
      test: await MNIST.load({ ...options, download, split: "test" }),
    };
  } catch (error) {
    if (!(error instanceof DataNotFoundError)) throw error;
    onNotice(`${error.message}. Synthetic digits stand in.`);
    return {
      name: "synthetic",
      train: new SyntheticDigits({ ...options, count: synthetic.train, random }),
      test: new SyntheticDigits({ ...options, count: synthetic.test, random }),
    };
  }
}
