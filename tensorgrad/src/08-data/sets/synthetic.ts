import { checked, defaultRandom, type Random } from "../../00-runtime/index.ts";
import { drawDigit, SIDE } from "./digit-drawing.ts";
import { IMAGE_OPTIONS, ImageDataset, type ImageOptions } from "./images.ts";

/** Options of `SyntheticDigits` and `SyntheticShapes`. */
export interface SyntheticOptions extends ImageOptions {
  readonly count?: number;
  readonly random?: Random;
}

/**
 * Handwritten-looking digits that need no file and no network: 28×28 like MNIST, every class equally often, in
 * random order. The same seed draws the same digits.
 *
 * After five epochs on 6,000 of them a linear model gets about 89 % of new ones right, an MLP with one hidden layer
 * of 128 about 96 %.
 *
 * Shapes  as ImageDataset, one image [1, 28, 28] unless `shape` says otherwise
 * Cost    about 60 µs per digit, when it is made
 */
export class SyntheticDigits extends ImageDataset {
  constructor(given: SyntheticOptions = {}) {
    const {
      count = 6000,
      random = defaultRandom,
      ...options
    } = checked("SyntheticDigits", given, ["shape", ...IMAGE_OPTIONS, "count", "random"]);
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`SyntheticDigits: count ${count} — the number of digits is an integer ≥ 0`);
    }
    const labels = Uint8Array.from(random.permutation(count), (i) => i % 10);
    const images = new Uint8Array(count * SIDE * SIDE);
    labels.forEach((label, i) => {
      drawDigit(label, images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), random);
    });
    super(images, labels, { ...options, shape: options.shape ?? [1, SIDE, SIDE] });
  }
}
