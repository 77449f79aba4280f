import type { Tensor } from "../01-tensor/index.ts";

/**
 * What a model is trained on at once.
 *
 * Shapes  x [B, …], y [B, …]
 */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** One pass over some data: an array of batches, a generator, a data loader. */
export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/**
 * How many batches a pass will have, or null where the source does not say.
 *
 * Throws  TypeError for what cannot be iterated over
 */
export function countBatches(call: string, batches: Batches): number | null {
  const iterable =
    typeof batches === "object" &&
    batches !== null &&
    (Symbol.asyncIterator in batches || Symbol.iterator in batches);
  if (!iterable) {
    throw new TypeError(
      `${call}: got ${batches === null ? "null" : typeof batches}, not something to iterate over — expected batches { x, y }: a DataLoader, or a list`,
    );
  }
  const { length } = batches as { length?: unknown };
  return typeof length === "number" ? length : null;
}

export function checkBatch(call: string, batch: Batch): void {
  const { x, y } = batch ?? {};
  if (typeof x?.shape === "object" && typeof y?.shape === "object") return;
  const found =
    typeof batch === "object" && batch !== null ? `{ ${Object.keys(batch).join(", ")} }` : typeof batch;
  throw new TypeError(`${call}: got a batch ${found} — expected { x, y }, two tensors`);
}
