import { checked, expectArgument, isList, Printed, type Random } from "../../00-runtime/index.ts";

/** Decides which examples a pass shows, and in what order. */
export interface Sampler {
  /** Number of examples in a pass. */
  readonly length: number;
  /** The numbers of the examples of a new pass. Every draw comes from `random`, so that a pass can be repeated. */
  order(random: Random): ArrayLike<number>;
  /** Where this is a share of an order that several processes have in common: all of it. A saved state is known by it. */
  whole?(random: Random): ArrayLike<number>;
}

/** A data set, a list, or just its length. */
type Sized = { readonly length: number } | number;

function lengthOf(call: string, data: Sized): number {
  const given = typeof data === "number" ? data : data?.length;
  expectArgument(
    typeof given === "number",
    call,
    "data",
    data,
    "a data set, a list, or how many examples there are",
  );
  return given;
}

/** Every example once, from the first to the last. */
export class SequentialSampler extends Printed implements Sampler {
  readonly length: number;

  constructor(data: Sized) {
    super();
    this.length = checkCount("SequentialSampler", "length", lengthOf("SequentialSampler", data));
  }

  order(): Int32Array {
    return Int32Array.from({ length: this.length }, (_, i) => i);
  }
}

/** Options of `RandomSampler`. */
export interface RandomSamplerOptions {
  /** Draws each example independently of the others: some come twice, some never. */
  readonly replacement?: boolean;
  /** Number of draws in a pass (default: as many as there are examples). */
  readonly count?: number;
}

/**
 * Examples in random order: a permutation, or independent draws.
 *
 * Throws  RangeError if more examples are to be drawn without replacement than there are
 */
export class RandomSampler extends Printed implements Sampler {
  readonly length: number;
  readonly replacement: boolean;
  readonly #examples: number;

  constructor(data: Sized, options: RandomSamplerOptions = {}) {
    const { replacement = false, count } = checked("RandomSampler", options, ["replacement", "count"]);
    super();
    this.#examples = checkCount("RandomSampler", "length", lengthOf("RandomSampler", data));
    this.length = checkCount("RandomSampler", "count", count ?? this.#examples);
    this.replacement = replacement;
    if (this.length > this.#examples && !(replacement && this.#examples > 0)) {
      throw new RangeError(
        `RandomSampler: count ${this.length} of ${this.#examples} examples — without replacement each is drawn ` +
          "once at most; pass { replacement: true }",
      );
    }
  }

  order(random: Random): Int32Array {
    if (!this.replacement) return random.permutation(this.#examples).subarray(0, this.length);
    return Int32Array.from({ length: this.length }, () => random.integer(this.#examples));
  }
}

/** Options of `WeightedRandomSampler`. */
export interface WeightedRandomSamplerOptions {
  /** Number of draws in a pass (default: as many as there are weights). */
  readonly count?: number;
  /** Whether an example may come more than once. */
  readonly replacement?: boolean;
}

/**
 * Draws example `i` with a chance proportional to `weights[i]`: rare classes can be shown as often as common ones.
 *
 *   new WeightedRandomSampler(Array.from(train.labels, (label) => 1 / counts[label]))
 *
 * Without replacement each draw is among the examples that are left, which is to order them by u^(1/w).
 *
 * Throws  RangeError for weights that are negative, not finite or all 0, or more draws than examples to draw
 * Source  Efraimidis & Spirakis 2006, Weighted random sampling with a reservoir
 */
export class WeightedRandomSampler extends Printed implements Sampler {
  readonly length: number;
  readonly replacement: boolean;
  readonly #weights: Float64Array;

  constructor(weights: ArrayLike<number>, options: WeightedRandomSamplerOptions = {}) {
    const { count, replacement = true } = checked("WeightedRandomSampler", options, ["count", "replacement"]);
    super();
    expectArgument(isList(weights), "WeightedRandomSampler", "weights", weights, "a list of numbers");
    this.#weights = Float64Array.from(weights);
    this.length = checkCount("WeightedRandomSampler", "count", count ?? weights.length);
    this.replacement = replacement;
    checkWeights(this.#weights);
    const drawable = this.#weights.reduce((sum, weight) => sum + Number(weight > 0), 0);
    if (!replacement && this.length > drawable) {
      throw new RangeError(
        `WeightedRandomSampler: count ${this.length}, but ${drawable} of ${weights.length} weights are above 0 — ` +
          "without replacement each example is drawn once at most; lower count, or pass { replacement: true }",
      );
    }
  }

  order(random: Random): Int32Array {
    return this.replacement ? this.#independent(random) : this.#distinct(random);
  }

  #independent(random: Random): Int32Array {
    let total = 0;
    const below = this.#weights.map((weight) => {
      total += weight;
      return total;
    });
    return Int32Array.from({ length: this.length }, () => firstAbove(below, random.uniform() * total));
  }

  // exercise: weighted-draws
  #distinct(random: Random): Int32Array {
    // log(u)/w has the order of u^(1/w) and does not underflow; the uniform draw is in [0, 1), its mirror never 0.
    const keys = this.#weights.map((weight) => Math.log(1 - random.uniform()) / weight);
    const drawable = Int32Array.from(keys.keys()).filter((i) => this.#weights[i] > 0);
    return drawable.sort((a, b) => keys[b] - keys[a]).subarray(0, this.length);
  }
}

/** The first position whose running sum exceeds `target` (binary search); an example of weight 0 never is. */
function firstAbove(sums: Float64Array, target: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

function checkWeights(weights: Float64Array): void {
  const wrong = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (wrong >= 0) {
    throw new RangeError(
      `WeightedRandomSampler: weight ${weights[wrong]} at position ${wrong} — weights are finite and not negative`,
    );
  }
  if (!weights.some((weight) => weight > 0)) {
    throw new RangeError(
      `WeightedRandomSampler: ${weights.length} weights, none above 0 — at least one example must be drawable`,
    );
  }
}

function checkCount(call: string, name: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new RangeError(`${call}: ${name} ${count} — the number of examples is an integer ≥ 0`);
}
