/** Lets one call in at a time: those of one trainer share weights, counters and callbacks. */
export class Occupancy {
  #since: Date | null = null;

  /** Until the end of the block nobody else may enter. Throws what `refuse` throws */
  enter(call: string, epoch: number): Disposable {
    this.refuse(call, epoch);
    this.#since = new Date();
    return {
      [Symbol.dispose]: () => {
        this.#since = null;
      },
    };
  }

  /** Throws  RangeError while somebody is in */
  refuse(call: string, epoch: number): void {
    if (!this.#since) return;
    throw new RangeError(
      `${call}: this trainer has been training since ${this.#since.toISOString()} and is in epoch ${epoch} — it trains once at a ` +
        "time; await the first call, or make a second trainer with a model of its own",
    );
  }
}
