/** A source of numbers uniform in [0, 1). */
export type Random = () => number;

/**
 * A seeded generator: the same seed gives the same numbers on every machine.
 *
 * Throws    RangeError unless the seed is an integer from 0 to 2⁵³ − 1
 * Source    mulberry32, Tommy Ettinger 2017 (public domain): a Weyl sequence, then two rounds of mixing
 */
export function seeded(seed: number): Random {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(`seeded(${String(seed)}): not a seed — expected an integer from 0 to 2^53 - 1`);
  }
  let state = seed ^ Math.imul(seed / 2 ** 32, 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
