import { Random } from "tensorgrad";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "tensorgrad/nn";

/** The same layers as in milestone 3, in small: two convolutions for one grey channel, and a line for ten digits. */

/** Which layers a page shows: the filters of one, and what two others make of a digit. */
export const SHOWN_LAYERS = { filters: 0, first: 1, second: 4 } as const;

/**
 * A network for digits [B, 1, 28, 28] → logits [B, 10].
 *
 *   8 filters of 5×5 → relu → maxima of 2×2 → 16 of 3×3 → relu → maxima of 2×2 → a line
 */
export const digitNetwork = (random: Random = new Random(1)): Sequential =>
  new Sequential(
    new Conv2d(1, 8, 5, { padding: 2, random }), // [B, 8, 28, 28]
    new ReLU(),
    new MaxPool2d(2), // [B, 8, 14, 14]
    new Conv2d(8, 16, 3, { padding: 1, random }), // [B, 16, 14, 14]
    new ReLU(),
    new MaxPool2d(2), // [B, 16, 7, 7]
    new Flatten(), // [B, 784]
    new Linear(16 * 7 * 7, 10, { random }),
  );
