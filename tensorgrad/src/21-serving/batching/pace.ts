/** How fast rows are answered: an average in which the last ten batches count most. */
export class Pace {
  #msPerRow = 0;

  note(rows: number, ms: number): void {
    const now = ms / rows;
    this.#msPerRow += this.#msPerRow === 0 ? now : (now - this.#msPerRow) / 10;
  }

  /** Seconds until so many rows are done, from 1 to 60: what `Retry-After` says. */
  secondsFor(rows: number): number {
    return Math.min(60, Math.max(1, Math.ceil((rows * this.#msPerRow) / 1000)));
  }
}
