import { checked, counted, Printed, ShapeError, settings } from "../../00-runtime/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { checkIndices, type Dataset } from "../dataset.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { asTokens, checkWindows, TextDataset } from "./text.ts";

/** Options of `EvaluationWindows`. */
export interface EvaluationWindowsOptions {
  /** From the start of one window to that of the next (default: blockSize, so that windows do not overlap). */
  readonly stride?: number;
  /** The token before the first. It is the first one's context; without it the first token is not asked for. */
  readonly before?: number;
}

/** What `crossEntropy` does not count. */
const IGNORED = -100;

/**
 * Windows over a whole text in which every token is asked for exactly once: what a language model is scored on.
 *
 *   window i begins at i·stride; of its blockSize targets the first blockSize − stride count in window 0 alone
 *
 * Without overlap a token has half a window of context on average. With { stride: blockSize / 2 } it has at least half a
 * window, for twice the work. The last window may reach beyond the text: there x is 0, and no target counts. A model that
 * looks ahead would see these zeros.
 *
 *   const windows = new EvaluationWindows(validation, 128, { before: train[train.length - 1] });
 *   let nats = 0;
 *   for (const { x, y } of new DataLoader(windows, { batchSize: 16 })) {
 *     nats += crossEntropy(model.forward(x).flatten(0, 1), y.flatten(), { reduction: "sum" }).item();
 *   }
 *   nats / windows.count;
 *
 * Shapes  batches x [B, blockSize] int32, y [B, blockSize] int32, −100 where a target does not count
 * Throws  RangeError for a stride beyond blockSize, which would leave tokens out; as TextDataset otherwise
 */
export class EvaluationWindows extends Printed implements Dataset {
  readonly blockSize: number;
  readonly stride: number;
  /** Number of tokens that are asked for. */
  readonly count: number;
  readonly #windows: TextDataset;
  readonly #made: ConstructorParameters<typeof EvaluationWindows>;

  constructor(tokens: ArrayLike<number>, blockSize: number, options: EvaluationWindowsOptions = {}) {
    const { stride = blockSize, before } = checked("EvaluationWindows", options, ["stride", "before"]);
    super();
    checkWindows("EvaluationWindows", blockSize, stride);
    if (stride > blockSize) {
      throw new RangeError(
        `EvaluationWindows: stride ${stride}, blockSize ${blockSize} — a stride of at most blockSize leaves no token out`,
      );
    }
    const first = asTokens("EvaluationWindows, before", before === undefined ? [] : [before]);
    this.count = first.length + tokens.length - 1;
    if (this.count < 1) {
      throw new ShapeError(
        `EvaluationWindows: ${tokens.length} tokens — the first token is context, so there is nothing to ask for; take more ` +
          "text, or pass { before }, the token before it",
      );
    }
    const windows = 1 + Math.max(0, Math.ceil((this.count - blockSize) / stride));
    const padded = new Int32Array((windows - 1) * stride + blockSize + 1);
    padded.set(first);
    padded.set(asTokens("EvaluationWindows", tokens), first.length);
    this.#windows = new TextDataset(padded, blockSize, { stride });
    this.#made = [tokens, blockSize, before === undefined ? { stride } : { stride, before }];
    [this.blockSize, this.stride] = [blockSize, stride];
  }

  get length(): number {
    return this.#windows.length;
  }

  get(i: number): Batch {
    const { x, y } = this.batch([i]);
    return { x: x.select(0, 0), y: y.select(0, 0) };
  }

  batch(indices: ArrayLike<number>): Batch {
    checkIndices("EvaluationWindows.batch", indices, this.length);
    const { blockSize, stride, count } = this;
    const { x, y } = this.#windows.batch(indices);
    const targets = y.data;
    for (let k = 0; k < indices.length; k++) {
      const row = targets.subarray(k * blockSize, (k + 1) * blockSize);
      if (indices[k] > 0) row.fill(IGNORED, 0, blockSize - stride); // the window before asked for these
      row.fill(IGNORED, Math.max(0, count - indices[k] * stride)); // beyond the text
    }
    return { x, y };
  }

  recipe(): Recipe {
    checkUnchanged(this, EvaluationWindows);
    return { export: "EvaluationWindows", arguments: this.#made };
  }

  protected override describe(): string {
    return `${counted(this.length, "window")}, ${settings(this)}`;
  }
}
