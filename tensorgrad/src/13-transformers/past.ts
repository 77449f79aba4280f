import type { Tensor } from "../01-tensor/index.ts";

/**
 * What attention remembers of earlier positions, so that a new one is computed without them. `KVCache` of module 14 is one;
 * this module knows no more of it than this.
 */
export interface Past {
  /** How many positions came before: the position of the next one. */
  readonly length: number;
  /** Where new positions stand that belong to several texts, one to each; then `length` says nothing. */
  readonly positions?: readonly number[];
  /** The most positions that one query sees, its own included. */
  readonly maxSeqLen: number;
  readonly maxBatchSize: number;
  /** Adds the keys and values of new positions, and lets their queries look at all there are. */
  attend(layer: number, q: Tensor, k: Tensor, v: Tensor, options: { readonly scale?: number }): Tensor;
  /** Forgets everything. */
  reset(): void;
}

/** Which layer's keys and values are meant. */
export interface LayerPast {
  readonly past: Past;
  readonly layer: number;
}
