import { ShapeError } from "../../00-runtime/index.ts";
import { zeros } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { checkIndices, type Dataset } from "../dataset.ts";
import { checkUnchanged, type Recipe, shared } from "../loading/recipe.ts";

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
export class TextDataset implements Dataset {
  readonly blockSize: number;
  readonly stride: number;
  #tokens: Int32Array;

  constructor(tokens: ArrayLike<number>, blockSize: number, { stride = 1 }: TextDatasetOptions = {}) {
    if (!Number.isInteger(blockSize) || blockSize < 1 || !Number.isInteger(stride) || stride < 1) {
      throw new RangeError(`TextDataset: blockSize ${blockSize}, stride ${stride} — both are integers ≥ 1`);
    }
    if (tokens.length < blockSize + 1) {
      throw new ShapeError(
        `TextDataset: ${tokens.length} tokens, blockSize ${blockSize} — a window takes ${blockSize + 1} tokens, the one to ` +
          "predict last included; lower blockSize or take more text",
      );
    }
    this.#tokens = tokens instanceof Int32Array ? tokens : Int32Array.from(tokens, checkToken);
    [this.blockSize, this.stride] = [blockSize, stride];
  }

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
}

function checkToken(token: number, i: number): number {
  if (Number.isInteger(token)) return token;
  throw new RangeError(
    `TextDataset: token ${token} at position ${i} — tokens are integers, such as corpus.ids() gives`,
  );
}

/** A text with the characters it is made of, sorted: a character's number is its place among them. */
export class Corpus {
  readonly text: string;
  readonly alphabet: string;
  readonly #numbers: ReadonlyMap<string, number>;

  /** `alphabet` may be that of a larger text, so that parts of it agree about the numbers. */
  constructor(text: string, alphabet: string = [...new Set(text)].sort().join("")) {
    [this.text, this.alphabet] = [text, alphabet];
    this.#numbers = new Map(Array.from(alphabet, (character, i) => [character, i]));
  }

  get length(): number {
    return this.text.length;
  }

  /** The number of every character. Throws  RangeError for one that is not in the alphabet */
  ids(text: string = this.text): Int32Array {
    return Int32Array.from(text, (character) => {
      const id = this.#numbers.get(character);
      if (id !== undefined) return id;
      throw new RangeError(
        `Corpus.ids: ${JSON.stringify(character)} — the alphabet has ${this.#numbers.size} characters, not this one`,
      );
    });
  }

  /** The first share of the text and the rest, with this text's alphabet: 0.9 is nanoGPT's training part. */
  split(share = 0.9): [train: Corpus, validation: Corpus] {
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`Corpus.split: share ${share} — a number from 0 to 1`);
    const end = Math.floor(this.text.length * share);
    return [
      new Corpus(this.text.slice(0, end), this.alphabet),
      new Corpus(this.text.slice(end), this.alphabet),
    ];
  }
}
