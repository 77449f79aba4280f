import { show, toEven } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Range } from "./inputs.ts";

/** How the range of an input follows from the numbers that were seen. */
export interface CalibrationMethod {
  /**
   * "minmax": all that was seen. "percentile": all but the outermost. "mse": as much as makes the mean squared rounding error
   * smallest.
   */
  readonly method?: "minmax" | "percentile" | "mse";
  /** Of "percentile": how many of 100 numbers lie inside. */
  readonly percentile?: number;
}

/** Bins of a histogram from −reach to reach. */
const BINS = 4096;
/** Shares of the whole range that "mse" tries. */
const SHARES = Array.from({ length: 60 }, (_, i) => 1 - i / 64);

/** What a layer's input was like, over all batches: extremes, and a histogram that grows by powers of two. */
export class Observer {
  readonly #path: string;
  #low = 0;
  #high = 0;
  #reach = 2 ** -100;
  #counts = new Float64Array(BINS);
  #seen = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws    RangeError for NaN and ∞ */
  see(x: Tensor): void {
    const values = x.data;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!Number.isFinite(value))
        throw new RangeError(
          `quantizeModel: ${value} at element ${i} of the input ${show(x.shape)} of "${this.#path}" during calibration — ` +
            "ranges are of finite numbers; look for where it came from with detectAnomaly",
        );
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
    }
    const largest = Math.max(-this.#low, this.#high);
    while (this.#reach <= largest) this.#widen();
    for (let i = 0; i < values.length; i++) this.#counts[this.#binOf(values[i])]++;
    this.#seen += values.length;
  }

  /** Null where nothing was seen. */
  range({ method = "minmax", percentile = 99.99 }: CalibrationMethod, steps: number): Range | null {
    if (this.#seen === 0) return null;
    if (this.#low === this.#high) return { low: 0, high: 1 }; // only zeros: any scale serves
    if (method === "percentile") return this.#within(percentile / 100);
    return method === "mse" ? this.#leastError(steps) : { low: this.#low, high: this.#high };
  }

  #binOf(value: number): number {
    return Math.floor(((value / this.#reach + 1) * BINS) / 2);
  }

  #centre(bin: number): number {
    return ((2 * bin + 1) / BINS - 1) * this.#reach;
  }

  /** Twice the reach: two bins become one. */
  #widen(): void {
    const wider = new Float64Array(BINS);
    for (let bin = 0; bin < BINS; bin++) wider[BINS / 4 + (bin >> 1)] += this.#counts[bin];
    [this.#counts, this.#reach] = [wider, 2 * this.#reach];
  }

  /** The bins without the same share at both ends. */
  #within(share: number): Range {
    const outside = ((1 - share) / 2) * this.#seen;
    let [first, last, left, right] = [0, BINS - 1, 0, 0];
    while (left + this.#counts[first] <= outside && first < last) left += this.#counts[first++];
    while (right + this.#counts[last] <= outside && last > first) right += this.#counts[last--];
    const half = this.#reach / BINS;
    const [low, high] = [this.#centre(first) - half, this.#centre(last) + half];
    return { low: Math.max(Math.min(0, low), this.#low), high: Math.min(Math.max(0, high), this.#high) };
  }

  #leastError(steps: number): Range {
    const ranges = SHARES.map((share) => ({ low: share * this.#low, high: share * this.#high }));
    const errors = ranges.map((range) => this.#error(range, steps));
    return ranges[errors.indexOf(Math.min(...errors))];
  }

  #error({ low, high }: Range, steps: number): number {
    const scale = (high - low) / steps;
    const zero = toEven(-low / scale);
    let sum = 0;
    for (let bin = 0; bin < BINS; bin++) {
      if (this.#counts[bin] === 0) continue;
      const value = this.#centre(bin);
      const q = Math.min(Math.max(toEven(value / scale) + zero, 0), steps);
      sum += this.#counts[bin] * (value - (q - zero) * scale) ** 2;
    }
    return sum;
  }
}

/** Throws a RangeError for a method that is none. */
export function checkMethod({ method = "minmax", percentile = 99.99 }: CalibrationMethod): void {
  if (!["minmax", "percentile", "mse"].includes(method))
    throw new RangeError(`quantizeModel: method ${JSON.stringify(method)} — "minmax", "percentile" or "mse"`);
  if (!(percentile > 0 && percentile <= 100))
    throw new RangeError(`quantizeModel: percentile ${percentile} — a number above 0, at most 100`);
}
