import { collect } from "./collector.ts";
import { heap } from "./heap.ts";
import type { Storage } from "./storage.ts";

/**
 * Storages that only the collector can give back. The collector looks at its own heap, where a tensor of a gigabyte is a small
 * object. It would wait until the tensor heap is full. So the bytes are counted here, and enough of them ask for a collection.
 *
 * What is found dead comes back after a turn of the event loop, never inside a synchronous loop.
 */
const dead = new FinalizationRegistry<Storage["block"]>((block) => {
  bytes -= block.bytes;
  block.free();
  ceiling = nextCeiling();
});

/** A full collection takes milliseconds: below so many bytes it is not worth it. */
const WORTHWHILE = 256 * 2 ** 20;

let bytes = 0;
/** So many bytes ask for a collection. */
let ceiling = 0;
/** The heap's limit for which that holds. */
let limit = 0;

/** Bytes that outlived the last collection may double before the next, or use up half of what is left of the heap. */
function nextCeiling(): number {
  const left = Math.max(0, heap.limit - heap.live);
  return bytes + Math.min(Math.max(WORTHWHILE, bytes), left / 2);
}

export function watch(storage: Storage): void {
  dead.register(storage, storage.block, storage);
  bytes += storage.block.bytes;
  if (limit !== heap.limit) [limit, ceiling] = [heap.limit, nextCeiling()];
  if (bytes <= ceiling) return;
  collect();
  ceiling = nextCeiling();
}

/** For a storage that was freed by hand, or that has found an owner. */
export function unwatch(storage: Storage): void {
  if (dead.unregister(storage)) bytes -= storage.block.bytes;
}
