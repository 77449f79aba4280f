// Philox4x32-10, a counter-based generator: four random words are a pure function of a 128-bit counter and a
// 64-bit key. There is no state to advance, so word i of a stream can be computed anywhere, in any order, by
// any thread. Source: Salmon, Moraes, Dror, Shaw 2011, Parallel random numbers: as easy as 1, 2, 3.

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9; // golden ratio
const WEYL_1 = 0xbb67ae85; // √3 − 1
const ROUNDS = 10;

/**
 * The upper 32 bits of a 64-bit product whose lower 32 bits are known. The double product is off by at most
 * 2^10, so taking the lower word away leaves a multiple of 2^32 up to an error that rounding removes.
 */
function upperWord(a: number, b: number, lower: number): number {
  return Math.round((a * b - lower) / 2 ** 32);
}

/**
 * Writes the block of four random 32-bit words that belongs to (counter, key) into `out`.
 *
 * Shapes    counter [4], out [4]; both may be the same array
 * Cost      ten rounds of two multiplications, about 50 ns
 * Source    Salmon et al. 2011; agrees with the known answers of the Random123 library
 */
export function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0], counter[1], counter[2], counter[3]];
  for (let round = 0; round < ROUNDS; round++) {
    const lower0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const lower1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    const upper0 = upperWord(MULTIPLIER_0, c0, lower0);
    const upper1 = upperWord(MULTIPLIER_1, c2, lower1);
    c0 = (upper1 ^ c1 ^ key0) >>> 0;
    c1 = lower1;
    c2 = (upper0 ^ c3 ^ key1) >>> 0;
    c3 = lower0;
    key0 = (key0 + WEYL_0) >>> 0;
    key1 = (key1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}
