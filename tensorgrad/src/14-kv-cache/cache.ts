import { checked, Printed, ShapeError, settings, show, showBytes } from "../00-runtime/index.ts";
import { cat, copyInto, type Tensor, zeros } from "../01-tensor/index.ts";
import type { GPT, Past } from "../13-transformers/index.ts";
import { attentionWithCache } from "./attention-with-cache.ts";

/** Options of `KVCache`. */
export interface KVCacheOptions {
  readonly maxBatchSize: number;
  /** The most positions that are kept: then the window slides, the oldest goes. */
  readonly maxSeqLen: number;
  readonly numLayers: number;
  /** Heads of keys and values: fewer than heads of queries in multi-query attention. */
  readonly numKvHeads: number;
  readonly headDim: number;
}

const SIZES = ["maxBatchSize", "maxSeqLen", "numLayers", "numKvHeads", "headDim"] as const;

/** Keys and values of a layer. */
export interface KeysAndValues {
  readonly k: Tensor;
  readonly v: Tensor;
}

/**
 * The keys and values of every position so far, so that the next one asks them and computes only itself.
 *
 *   const cache = new KVCache({ maxBatchSize: 1, maxSeqLen: 256, numLayers: 4, numKvHeads: 4, headDim: 32 });
 *   model.generate("ROMEO:", { tokenizer, cache });
 *
 * All memory is taken at once. When maxSeqLen positions are kept, a new one takes the place of the oldest: every query sees a
 * band of maxSeqLen positions. Nothing here has a gradient.
 *
 * Shapes    keys and values of new positions [B, numKvHeads, T, headDim], B ≤ maxBatchSize
 * Memory    2·maxBatchSize·numLayers·numKvHeads·maxSeqLen·headDim numbers, 4 bytes each
 * Cost      of one more position with S before it: O(S) instead of O(S²) a layer for attention, O(1) instead of O(S) elsewhere
 * Throws    ShapeError for other shapes; RangeError for sizes, layers and lengths that do not exist
 * Source    Pope et al. 2022, Efficiently scaling transformer inference; Shazeer 2019 (one key head)
 */
export class KVCache extends Printed implements Past {
  readonly maxBatchSize: number;
  readonly maxSeqLen: number;
  readonly numLayers: number;
  readonly numKvHeads: number;
  readonly headDim: number;
  /** Of each layer, [maxBatchSize, numKvHeads, maxSeqLen, headDim]: position p stands in place p modulo maxSeqLen. */
  readonly #layers: readonly KeysAndValues[];
  /** How many positions each layer has seen. */
  readonly #seen: number[];
  #batch = 0;

  constructor(options: KVCacheOptions) {
    checked("KVCache", options, ["maxBatchSize", "maxSeqLen", "numLayers", "numKvHeads", "headDim"]);
    super();
    for (const name of SIZES) {
      if (Number.isInteger(options[name]) && options[name] >= 1) continue;
      throw new RangeError(`KVCache: ${name} = ${options[name]} — an integer ≥ 1`);
    }
    const { maxBatchSize, maxSeqLen, numLayers, numKvHeads, headDim } = options;
    [this.maxBatchSize, this.maxSeqLen, this.numLayers] = [maxBatchSize, maxSeqLen, numLayers];
    [this.numKvHeads, this.headDim] = [numKvHeads, headDim];
    const room = () => zeros([maxBatchSize, numKvHeads, maxSeqLen, headDim]);
    this.#layers = Array.from({ length: numLayers }, () => ({ k: room(), v: room() }));
    this.#seen = new Array(numLayers).fill(0);
  }

  /** A cache of the right size for a model. */
  static for(model: GPT, { maxBatchSize = 1, maxSeqLen = model.maxSeqLen } = {}): KVCache {
    const { numLayers, numKvHeads, headDim } = model;
    return new KVCache({ maxBatchSize, maxSeqLen, numLayers, numKvHeads, headDim });
  }

  /** How many positions were seen; those kept may be fewer. */
  get length(): number {
    return Math.min(...this.#seen);
  }

  /** How many positions a layer has seen: in the middle of a pass the first layers are ahead of the last. */
  seen(layer: number): number {
    return this.#seen[layer];
  }

  /** Of all keys and values, whether used or not. */
  get bytes(): number {
    return this.#layers.reduce((sum, { k, v }) => sum + 4 * (k.size + v.size), 0);
  }

  /** Adds the keys and values of new positions to a layer. */
  // exercise: kv-cache-update
  update(layer: number, k: Tensor, v: Tensor): void {
    this.#check("update", layer, k, v);
    const { maxSeqLen } = this;
    const [batch, , count] = k.shape;
    const seen = this.#seen[layer];
    const kept = Math.min(count, maxSeqLen); // of more than fit, only the last ones count
    for (let i = count - kept; i < count; ) {
      const place = (seen + i) % maxSeqLen;
      const run = Math.min(count - i, maxSeqLen - place);
      const to = this.#layers[layer];
      copyInto(stretch(k, batch, i, run), stretch(to.k, batch, place, run));
      copyInto(stretch(v, batch, i, run), stretch(to.v, batch, place, run));
      i += run;
    }
    this.#seen[layer] = seen + count;
    this.#batch = batch;
  }

  /** Keys and values that a layer keeps, the oldest first: [B, numKvHeads, S, headDim]; views unless the window has slid. */
  // exercise: kv-cache-order
  get(layer: number): KeysAndValues {
    this.#checkLayer("get", layer);
    const { maxSeqLen } = this;
    const seen = this.#seen[layer];
    const whole = this.unordered(layer);
    const oldest = seen % maxSeqLen;
    if (seen <= maxSeqLen || oldest === 0) return whole;
    const turned = (x: Tensor) => cat([x.narrow(2, oldest, maxSeqLen - oldest), x.narrow(2, 0, oldest)], 2);
    return { k: turned(whole.k), v: turned(whole.v) };
  }

  /** As `get`, without a copy, in the order of the places: a query that sees all of them need not know it. */
  unordered(layer: number): KeysAndValues {
    this.#checkLayer("unordered", layer);
    const kept = Math.min(this.#seen[layer], this.maxSeqLen);
    const { k, v } = this.#layers[layer];
    return { k: stretch(k, this.#batch, 0, kept), v: stretch(v, this.#batch, 0, kept) };
  }

  attend(layer: number, q: Tensor, k: Tensor, v: Tensor, options: { readonly scale?: number } = {}): Tensor {
    return attentionWithCache(q, k, v, this, layer, options);
  }

  /** Forgets everything; the memory stays. */
  reset(): void {
    this.#seen.fill(0);
    this.#batch = 0;
  }

  /**
   * Forgets the positions from `length` on: to try another continuation.
   *
   * Throws   RangeError for a length beyond what was seen, or one that the window has slid past
   */
  rewind(length: number): void {
    if (!(Number.isInteger(length) && length >= 0 && length <= this.length))
      throw new RangeError(
        `KVCache.rewind: to ${length} of ${this.length} positions — an integer from 0 to what was seen`,
      );
    if (this.length > this.maxSeqLen && length < this.length)
      throw new RangeError(
        `KVCache.rewind: to ${length} of ${this.length} positions, ${this.maxSeqLen} kept — the window has slid, and what it saw ` +
          "then is gone; reset() and read the sequence again",
      );
    this.#seen.fill(length);
  }

  #checkLayer(call: string, layer: number): void {
    if (Number.isInteger(layer) && layer >= 0 && layer < this.numLayers) return;
    throw new RangeError(`KVCache.${call}: layer ${layer} — layers go from 0 to ${this.numLayers - 1}`);
  }

  #check(call: string, layer: number, k: Tensor, v: Tensor): void {
    this.#checkLayer(call, layer);
    const { numKvHeads, headDim, maxBatchSize } = this;
    const [batch, , count] = k.shape;
    const fits = [k, v].every(
      ({ shape: [B, heads, T, D, ...more] }) =>
        more.length === 0 && B === batch && heads === numKvHeads && T === count && D === headDim,
    );
    if (!fits || !(batch >= 1 && batch <= maxBatchSize))
      throw new ShapeError(
        `KVCache.${call}: keys ${show(k.shape)}, values ${show(v.shape)} — both are [B, ${numKvHeads}, T, ${headDim}], B from 1 to ${maxBatchSize}`,
      );
    if (this.#seen[layer] > 0 && batch !== this.#batch)
      throw new ShapeError(
        `KVCache.${call}: ${batch} sequences after positions of ${this.#batch} — a batch stays the same; reset() before another`,
      );
    if (k.dtype !== "float32" || v.dtype !== "float32")
      throw new TypeError(`KVCache.${call}: keys ${k.dtype}, values ${v.dtype} — a cache holds float32`);
  }

  protected override describe(): string {
    return settings({ ...this, length: this.length, memory: showBytes(this.bytes) });
  }
}

/** Some positions of the first sequences: a view that nobody records, for a cache has no gradients. */
function stretch(x: Tensor, batch: number, start: number, count: number): Tensor {
  const [, heads, , width] = x.shape;
  return x.newView([batch, heads, count, width], x.strides, x.offset + start * x.strides[2]);
}
