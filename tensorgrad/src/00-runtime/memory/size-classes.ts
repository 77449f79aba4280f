/**
 * Which free blocks there are, by size: the index of a two-level segregated fit allocator.
 *
 * A size falls into class ⌊log₂ size⌋ and there into one of eight equal steps, so a block taken from a class is
 * at most an eighth larger than asked for. One bit per class that has blocks makes finding one a few instructions.
 *
 * Source  Masmano et al. 2004, TLSF: a new dynamic memory allocator for real-time systems
 */
const STEPS = 8;
const STEP_BITS = 3;
const LEVELS = 27; // 2^26 granules of 64 bytes are 4 GiB

export class SizeClasses {
  #levels = 0; // bit l: some class of level l has a block
  #steps = new Uint8Array(LEVELS); // bit s of entry l: class (l, s) has a block
  #heads = new Int32Array(LEVELS * STEPS); // the first free block of each class, 0 for none

  /** Adds a block; returns the one that was first in its class. */
  push(block: number, size: number): number {
    const index = classOf(size);
    const next = this.#heads[index];
    this.#setHead(index, block);
    return next;
  }

  /** The first block of `size`'s class left: `next` follows it. */
  replaceHead(size: number, next: number): void {
    this.#setHead(classOf(size), next);
  }

  /** A block of at least `size`, or 0. Rounding up to the next class makes any block found there large enough. */
  find(size: number): number {
    const level = 31 - Math.clz32(size);
    const index = classOf(level < STEP_BITS ? size : size + (1 << (level - STEP_BITS)) - 1);
    const steps = this.#steps[index >> STEP_BITS] & (-1 << (index & (STEPS - 1)));
    if (steps) return this.#heads[(index & -STEPS) | lowestBit(steps)];
    const levels = this.#levels & (-2 << (index >> STEP_BITS));
    if (!levels) return 0;
    const found = lowestBit(levels);
    return this.#heads[(found << STEP_BITS) | lowestBit(this.#steps[found])];
  }

  #setHead(index: number, block: number): void {
    const level = index >> STEP_BITS;
    const bit = 1 << (index & (STEPS - 1));
    this.#heads[index] = block;
    this.#steps[level] = block ? this.#steps[level] | bit : this.#steps[level] & ~bit;
    this.#levels = this.#steps[level] ? this.#levels | (1 << level) : this.#levels & ~(1 << level);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

function classOf(size: number): number {
  const level = 31 - Math.clz32(size);
  const step =
    level < STEP_BITS
      ? (size << (STEP_BITS - level)) & (STEPS - 1)
      : (size >> (level - STEP_BITS)) & (STEPS - 1);
  return (level << STEP_BITS) | step;
}
