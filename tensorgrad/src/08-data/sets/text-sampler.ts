import { expectArgument, Printed, type Random } from "../../00-runtime/index.ts";
import type { Sampler } from "../loading/sampler.ts";
import { TextDataset } from "./text.ts";

/**
 * A pass of windows that do not overlap, in random order, from an offset that is drawn anew for each pass.
 *
 *   starts offset + i·blockSize, offset from 0 to where the last window ends with the text
 *
 * A pass shows every token about once, and over many passes each token stands at every place of a window. The data set
 * must have every window there is:
 *
 *   const windows = new TextDataset(tokens, 128);
 *   const loader = new DataLoader(windows, { batchSize: 16, sampler: new ChunkSampler(windows), random });
 *
 * Throws  RangeError for a data set with a stride
 */
export class ChunkSampler extends Printed implements Sampler {
  /** The same for every offset: a pass leaves out fewer tokens than two windows have. */
  readonly length: number;
  readonly #blockSize: number;
  readonly #offsets: number;

  constructor(windows: TextDataset) {
    super();
    expectArgument(windows instanceof TextDataset, "ChunkSampler", "windows", windows, "a TextDataset");
    if (windows.stride !== 1) {
      throw new RangeError(
        `ChunkSampler: windows with stride ${windows.stride} — it needs every window there is; leave the stride out`,
      );
    }
    this.#blockSize = windows.blockSize;
    this.length = Math.max(1, Math.floor(windows.length / windows.blockSize));
    this.#offsets = windows.length - (this.length - 1) * windows.blockSize;
  }

  order(random: Random): Int32Array {
    const offset = random.integer(this.#offsets);
    return random.permutation(this.length).map((i) => offset + i * this.#blockSize);
  }
}
