import { heap } from "tensorgrad";
import { collect } from "tensorgrad/runtime";

/**
 * Bytes that are live once all that is dead has gone. What earlier tests left to the collector goes whenever a test waits
 * for something, and would be taken for that test's: who compares the heap before and after an `await` begins here.
 */
export async function settledHeap(): Promise<number> {
  for (let [before, quiet] = [Number.NaN, 0]; quiet < 2; before = heap.live) {
    collect();
    // What the collector finds dead is given back in a turn of its own.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    quiet = heap.live === before ? quiet + 1 : 0;
  }
  return heap.live;
}
