import { ShapeError, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Json } from "./callbacks/callback.ts";

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

/** How many examples a batch holds. */
export const examplesOf = ({ x }: Batch): number => x.shape[0] ?? 1;

/** Throws  TypeError for what is no batch; ShapeError for one without examples */
export function checkBatch(call: string, batch: Batch): void {
  const { x, y } = batch ?? {};
  if (typeof x?.shape === "object" && typeof y?.shape === "object") {
    if (examplesOf(batch) > 0) return;
    throw new ShapeError(
      `${call}: a batch of x ${show(x.shape)}, y ${show(y.shape)} — a batch holds at least one example; leave empty ones out`,
    );
  }
  const found =
    typeof batch === "object" && batch !== null ? `{ ${Object.keys(batch).join(", ")} }` : typeof batch;
  throw new TypeError(`${call}: got a batch ${found} — expected { x, y }, two tensors`);
}

/** Batches that know their position, such as a DataLoader: they begin in mid-pass by themselves. */
interface Resumable {
  stateDict(): { readonly batch: number };
  loadStateDict(state: Json): void;
}

const isResumable = (batches: object): batches is Resumable =>
  "stateDict" in batches && typeof batches.stateDict === "function";

/**
 * How many batches a pass must leave out to begin after `done` of them: none where the source begins there itself.
 *
 * Throws  RangeError if the source was put to another position
 */
export function batchesToSkip(call: string, batches: Batches, done: number): number {
  if (done === 0 || !isResumable(batches)) return done;
  const { batch } = batches.stateDict();
  if (batch === done) return 0;
  throw new RangeError(
    `${call}: the trainer goes on after batch ${done} of its epoch, the loader after batch ${batch} — ` +
      "load the state of both, from the same checkpoint",
  );
}

/** Throws  RangeError unless the batches that are left out hold as many examples as were worked on */
export function checkSkipped(call: string, batches: number, examples: number, done: number): void {
  if (examples === done) return;
  throw new RangeError(
    `${call}: the trainer goes on after ${done} examples of its epoch, but the first ${batches} batches hold ${examples} — ` +
      "other batches than before: give it the same ones, so that no example is lost or comes twice",
  );
}
