import { can, checked, Printed } from "../00-runtime/index.ts";
import { cat, type Tensor } from "../01-tensor/index.ts";
import type { Past } from "../13-transformers/index.ts";

/**
 * The caches of several texts, of whatever lengths, so that one pass computes the next token of all of them: lines are computed
 * together, and every text looks back at its own cache only.
 *
 *   const logits = model.next(fromArray(lastIds, [1, texts]), new CachesTogether(caches)); // [texts, vocabSize]
 *
 * Shapes    queries, keys and values of one new position a text: [1, heads, N, headDim] → [1, heads, N, headDim]
 * Cost      the weights are read once for N texts; attention is that of N texts
 * Throws    TypeError for what is no cache; RangeError for none, for one that comes twice, and for a pass of other than N positions
 * Source    Yu et al. 2022, Orca: a distributed serving system for transformer-based generative models (iteration-level scheduling)
 */
export class CachesTogether extends Printed implements Past {
  readonly #caches: readonly Past[];

  constructor(caches: readonly Past[]) {
    super();
    const list: unknown = caches;
    if (!Array.isArray(list) || !list.every((one) => can(one, "attend", "reset")))
      throw new TypeError("CachesTogether: caches — a list of caches, one for each text");
    if (list.length === 0 || new Set(list).size < list.length)
      throw new RangeError(
        `CachesTogether: ${list.length} caches, ${new Set(list).size} of them different — one for each text, at least one`,
      );
    this.#caches = caches;
  }

  /** Of the longest text. */
  get length(): number {
    return Math.max(...this.positions);
  }

  get positions(): readonly number[] {
    return this.#caches.map(({ length }) => length);
  }

  get maxSeqLen(): number {
    return Math.min(...this.#caches.map(({ maxSeqLen }) => maxSeqLen));
  }

  get maxBatchSize(): number {
    return 1;
  }

  attend(layer: number, q: Tensor, k: Tensor, v: Tensor, options: { readonly scale?: number } = {}): Tensor {
    checked("CachesTogether.attend", options, ["scale"]);
    const { length } = this.#caches;
    if (q.shape[0] !== 1 || q.shape[2] !== length)
      throw new RangeError(
        `CachesTogether.attend: ${q.shape[2]} positions of ${q.shape[0]} sequences, ${length} caches — give ids [1, ${length}], the next of each text`,
      );
    const of = (x: Tensor, text: number) => x.narrow(2, text, 1);
    const answers = this.#caches.map((cache, i) =>
      cache.attend(layer, of(q, i), of(k, i), of(v, i), options),
    );
    return cat(answers, 2);
  }

  reset(): void {
    for (const cache of this.#caches) cache.reset();
  }

  protected override describe(): string {
    return `lengths ${this.positions.join(", ")}`;
  }
}
