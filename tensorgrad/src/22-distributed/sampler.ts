import { checked, expectArgument, listed, Printed, type Random } from "../00-runtime/index.ts";
import type { Sampler } from "../08-data/index.ts";
import { init } from "./group.ts";

/** Options of `DistributedSampler`. */
export interface DistributedSamplerOptions {
  /** A new order for every pass, the same on all ranks: their loaders need equal generators. */
  readonly shuffle?: boolean;
  /**
   * What all ranks need for equal numbers of steps. `pad`: examples from the front of the order come a second time at its end;
   * `drop`: the rest is left out; `none`: every example exactly once, for evaluation, where some ranks have one less.
   */
  readonly rest?: "pad" | "drop" | "none";
  /** Which share; default: those of this process. */
  readonly rank?: number;
  readonly size?: number;
}

/**
 * The examples of one rank: every `size`-th of an order that all ranks share. Batch k of all ranks together is batch k of one
 * rank whose batches are `size` times as large.
 *
 *   new DataLoader(train, { batchSize: 32, sampler: new DistributedSampler(train, { shuffle: true }) })
 *
 * Throws  RangeError for a rank that is not below size, and for fewer examples than ranks
 * Source  as PyTorch's DistributedSampler
 */
export class DistributedSampler extends Printed implements Sampler {
  readonly length: number;
  readonly #options: Required<DistributedSamplerOptions>;
  readonly #examples: number;

  constructor(data: { readonly length: number } | number, options: DistributedSamplerOptions = {}) {
    const {
      shuffle = false,
      rest = "pad",
      rank = init().rank,
      size = init().size,
    } = checked("DistributedSampler", options, ["shuffle", "rest", "rank", "size"]);
    super();
    const sized = typeof data === "number" || typeof data?.length === "number";
    expectArgument(sized, "DistributedSampler", "data", data, "a data set, or how many examples there are");
    this.#examples = typeof data === "number" ? data : data.length;
    this.#options = { shuffle, rest, rank, size };
    check(this.#examples, this.#options);
    this.length = { pad: Math.ceil, drop: Math.floor, none: (n: number) => Math.ceil(n - rank / size) }[rest](
      this.#examples / size,
    );
  }

  protected override describe(): string {
    return listed({ length: this.length, ...this.#options });
  }

  order(random: Random): Int32Array {
    const { rank, size } = this.#options;
    const all = this.whole(random);
    return Int32Array.from({ length: this.length }, (_, i) => all[(rank + i * size) % this.#examples]);
  }

  whole(random: Random): Int32Array {
    if (this.#options.shuffle) return random.permutation(this.#examples);
    return Int32Array.from({ length: this.#examples }, (_, i) => i);
  }
}

function check(examples: number, { rank, size, rest }: Required<DistributedSamplerOptions>): void {
  if (!(Number.isInteger(size) && size >= 1 && Number.isInteger(rank) && rank >= 0 && rank < size))
    throw new RangeError(
      `DistributedSampler: rank ${rank} of ${size} — size is an integer ≥ 1, rank one from 0 to size − 1`,
    );
  if (!["pad", "drop", "none"].includes(rest))
    throw new RangeError(`DistributedSampler: rest ${JSON.stringify(rest)} — "pad", "drop" or "none"`);
  if (examples < size)
    throw new RangeError(
      `DistributedSampler: ${examples} examples for ${size} ranks — each rank needs at least one; start fewer`,
    );
}
