import { Printed, settings } from "../printed.ts";
import { tape } from "../tape.ts";
import { philox } from "./philox.ts";

/**
 * The one source of randomness: a counter-based generator (Philox 4×32-10). A number depends on the seed and its
 * position only, never on the order of threads. The whole state is two integers.
 *
 * Source  Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3
 */
export interface RandomState {
  readonly seed: number;
  /** How many 32-bit numbers were drawn. */
  readonly position: number;
}

const TWO_32 = 2 ** 32;

export class Random extends Printed {
  #seed = 0;
  #position = 0;
  #block = new Uint32Array(4);
  #blockIndex = -1;
  #counter = new Uint32Array(4);

  /** A generator that starts at `seed`, an integer from 0 to 2^53 − 1. */
  constructor(seed: number) {
    super();
    this.seed(seed);
  }

  /** Starts again at `seed`. */
  seed(seed: number): void {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`manualSeed: ${seed} — a seed is an integer from 0 to 2^53 − 1`);
    }
    tape?.refused("a generator is set to a seed or a state");
    [this.#seed, this.#position, this.#blockIndex] = [seed, 0, -1];
  }

  /** All that decides the numbers to come: kept in checkpoints, and set to go on from there. */
  get state(): RandomState {
    return { seed: this.#seed, position: this.#position };
  }

  /** Continues exactly where `state` was taken. */
  set state({ seed, position }: RandomState) {
    this.seed(seed);
    this.#position = position;
  }

  /** 32 random bits. */
  bits(): number {
    tape?.refused("JavaScript draws random numbers");
    const index = Math.floor(this.#position / 4);
    if (index !== this.#blockIndex) this.#fill(index);
    return this.#block[this.#position++ % 4];
  }

  /** A float in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A draw from the normal distribution with mean 0 and deviation 1 (Box & Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** An integer in [0, n), every one equally likely. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32)
      throw new RangeError(`integer: ${n} — the bound is an integer from 1 to 2^32`);
    const fair = TWO_32 - (TWO_32 % n); // the largest multiple of n: what lies above would favour small results
    let bits = this.bits();
    while (bits >= fair) bits = this.bits();
    return bits % n;
  }

  /** The integers 0 … n − 1 in random order (Fisher & Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  /** Sets `blocks` counters aside for a kernel that draws its own numbers; returns the seed and the first counter. */
  reserve(blocks: number): { readonly seed: number; readonly counter: number } {
    tape?.refused("JavaScript draws random numbers");
    const counter = Math.ceil(this.#position / 4);
    this.#position = (counter + blocks) * 4;
    return { seed: this.#seed, counter };
  }

  #fill(index: number): void {
    this.#counter[0] = index >>> 0;
    this.#counter[1] = Math.floor(index / TWO_32);
    philox(this.#counter, this.#seed >>> 0, Math.floor(this.#seed / TWO_32), this.#block);
    this.#blockIndex = index;
  }

  protected override describe(): string {
    return settings(this.state);
  }
}

/** The generator everything draws from unless it is given one: seed 0 until `manualSeed`. */
export const defaultRandom = new Random(0);

/** Seeds the default generator: same seed, same numbers, whatever the number of threads. */
export const manualSeed = (seed: number): void => defaultRandom.seed(seed);
