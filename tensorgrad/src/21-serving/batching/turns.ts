import { Refusal } from "../refusal.ts";
import { Pace } from "./pace.ts";

/** Lets so many in at a time; others wait in the order in which they came, and too many are refused. */
export class Turns {
  readonly #places: number;
  readonly #maxQueue: number;
  readonly #queue: (() => void)[] = [];
  readonly #pace = new Pace();
  #taken = 0;

  constructor(places: number, maxQueue: number) {
    [this.#places, this.#maxQueue] = [places, maxQueue];
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * A place, given back by `using`. Throws  Refusal 503 when the queue is full; the signal's reason when it is aborted
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#taken >= this.#places) await this.#wait(signal);
    else this.#taken++;
    const since = performance.now();
    return {
      [Symbol.dispose]: () => {
        this.#pace.note(this.#places, performance.now() - since);
        const next = this.#queue.shift();
        if (next)
          next(); // the place goes from hand to hand
        else this.#taken--;
      },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { length } = this.#queue;
    if (length >= this.#maxQueue)
      throw new Refusal(
        503,
        `completions: ${length} texts wait already — the queue is full; try again later`,
        {
          retryAfter: this.#pace.secondsFor(length),
        },
      );
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(come), 1);
        reject(signal.reason);
      };
      const come = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      this.#queue.push(come);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
