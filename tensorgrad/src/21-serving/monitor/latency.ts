import { INSPECT, listed } from "../../00-runtime/index.ts";

/** Each bucket is 2 % wider than the one before: a quantile is off by 1 % at most. */
const GROWTH = 1.02;
const SHORTEST = 1e-3; // ms
const BUCKETS = Math.ceil(Math.log(3.6e6 / SHORTEST) / Math.log(GROWTH)); // up to an hour

/** Quantiles that a page or a limit asks for, in ms. */
export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Latencies counted in buckets that grow: any number of them in some 9 KB, quantiles within 1 %.
 *
 * Source    Masson, Rim & Lee 2019, DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS + 1);
  #count = 0;
  #sum = 0;
  #max = 0;

  [INSPECT](): string {
    return `LatencyHistogram(${listed(this.quantiles())})`;
  }

  /** How many times it holds. */
  get count(): number {
    return this.#count;
  }

  /** Counts a time, in milliseconds. */
  add(ms: number): void {
    if (!(ms >= 0)) return; // a clock that went back tells nothing
    const bucket = ms <= SHORTEST ? 0 : Math.ceil(Math.log(ms / SHORTEST) / Math.log(GROWTH));
    this.#counts[Math.min(bucket, BUCKETS)]++;
    this.#count++;
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
  }

  /** The latency that a share q does not exceed; 0 of none. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      // The middle of a bucket, in proportion, and never above what there was.
      if (seen >= rank) return Math.min(this.#max, (2 * SHORTEST * GROWTH ** bucket) / (1 + GROWTH));
    }
    return 0;
  }

  /** Count, mean, largest, and the quantiles 50, 90 and 99 %; times in milliseconds. */
  quantiles(): Quantiles {
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((q) => this.quantile(q));
    return {
      count: this.#count,
      mean: this.#count ? this.#sum / this.#count : 0,
      p50,
      p90,
      p99,
      max: this.#max,
    };
  }

  /** Forgets all. */
  clear(): void {
    this.#counts.fill(0);
    [this.#count, this.#sum, this.#max] = [0, 0, 0];
  }
}
