import { collect, heap } from "../../00-runtime/index.ts";
import { turn } from "../../07-training/index.ts";

/** Growth of the heap that is let pass, in bytes: about a hundred training steps of a small MLP. */
const ALLOWANCE = 64 * 2 ** 20;

/**
 * Keeps a loop that opens no scope from filling the heap.
 *
 * The collector finds dead tensors only when it runs, and returns their blocks only after a turn of the event loop.
 * So this asks for a collection, where the runtime grants one, and lets the loop turn. It does so when the heap has
 * doubled since the last time and has grown by the allowance, or when half of the free memory is used up.
 */
export class HeapPressure {
  #floor = heap.live;

  async relieve(): Promise<void> {
    const left = heap.limit - this.#floor;
    if (heap.live - this.#floor < Math.min(Math.max(ALLOWANCE, this.#floor), left / 2)) {
      this.#floor = Math.min(this.#floor, heap.live);
      return;
    }
    collect();
    await turn();
    this.#floor = heap.live;
  }
}
