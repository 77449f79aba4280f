import { checked, counted, Printed, ShapeError, settings } from "../../00-runtime/index.ts";
import { zeros } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { checkIndices, type Dataset } from "../dataset.ts";
import { checkUnchanged, type Recipe, shared } from "../loading/recipe.ts";

/** Options of `TextDataset`. */
export interface TextDatasetOptions {
  /** From the start of one window to that of the next (default 1: every window there is). */
  readonly stride?: number;
}

/**
 * Windows of a text as numbers: what a language model reads, and the same one token later, what it should say.
 *
 *   x = tokens[i·stride … i·stride + blockSize − 1],   y = tokens[i·stride + 1 … i·stride + blockSize]
 *
 * With `{ stride: blockSize }` every token is asked for once: so a whole text is scored.
 *
 * Shapes  batches x [B, blockSize] int32, y [B, blockSize] int32
 * Throws  RangeError for a blockSize or stride that is no integer ≥ 1, or a token that is none; ShapeError if no window fits
 */
export class TextDataset extends Printed implements Dataset {
  readonly blockSize: number;
  readonly stride: number;
  #tokens: Int32Array;

  constructor(tokens: ArrayLike<number>, blockSize: number, options: TextDatasetOptions = {}) {
    const { stride = 1 } = checked("TextDataset", options, ["stride"]);
    super();
    checkWindows("TextDataset", blockSize, stride);
    if (tokens.length < blockSize + 1) {
      throw new ShapeError(
        `TextDataset: ${tokens.length} tokens, blockSize ${blockSize} — a window takes ${blockSize + 1} tokens, the one to ` +
          "predict last included; lower blockSize or take more text",
      );
    }
    this.#tokens = asTokens("TextDataset", tokens);
    [this.blockSize, this.stride] = [blockSize, stride];
  }

  /** The ids of the whole text. */
  get tokens(): Int32Array {
    return this.#tokens;
  }

  get length(): number {
    return Math.floor((this.tokens.length - 1 - this.blockSize) / this.stride) + 1;
  }

  get(i: number): Batch {
    const { x, y } = this.batch([i]);
    return { x: x.select(0, 0), y: y.select(0, 0) };
  }

  batch(indices: ArrayLike<number>): Batch {
    checkIndices("TextDataset.batch", indices, this.length);
    const { tokens, blockSize, stride } = this;
    const shape = [indices.length, blockSize];
    const [x, y] = [zeros(shape, { dtype: "int32" }), zeros(shape, { dtype: "int32" })];
    const [given, wanted] = [x.data, y.data];
    for (let k = 0; k < indices.length; k++) {
      const start = indices[k] * stride;
      given.set(tokens.subarray(start, start + blockSize), k * blockSize);
      wanted.set(tokens.subarray(start + 1, start + blockSize + 1), k * blockSize);
    }
    return { x, y };
  }

  recipe(): Recipe {
    checkUnchanged(this, TextDataset);
    this.#tokens = shared(this.#tokens);
    return { export: "TextDataset", arguments: [this.tokens, this.blockSize, { stride: this.stride }] };
  }

  protected override describe(): string {
    return `${counted(this.length, "window")} of ${counted(this.tokens.length, "token")}, ${settings(this)}`;
  }
}

export function checkWindows(call: string, blockSize: number, stride: number): void {
  if (Number.isInteger(blockSize) && blockSize >= 1 && Number.isInteger(stride) && stride >= 1) return;
  throw new RangeError(`${call}: blockSize ${blockSize}, stride ${stride} — both are integers ≥ 1`);
}

/** Throws  RangeError for the first token that is no integer of 32 bits */
export function asTokens(call: string, tokens: ArrayLike<number>): Int32Array {
  if (tokens instanceof Int32Array) return tokens;
  return Int32Array.from(tokens, (token, i) => {
    if ((token | 0) === token) return token;
    const rule = "tokens are integers of 32 bits, such as a tokenizer gives";
    throw new RangeError(`${call}: token ${token} at position ${i} — ${rule}`);
  });
}
