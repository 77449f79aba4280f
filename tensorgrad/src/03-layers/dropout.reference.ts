import type { Floats } from "../00-runtime/arrays.ts";
import { philox } from "../00-runtime/random/philox.ts";

/**
 * Fills y with 0 (probability p) or 1/(1 − p): multiplied by it, an activation keeps its expected value.
 *
 * Element i takes word i mod 4 of the Philox block number ⌊i/4⌋ after `counter` (64 bits, as two words), so
 * the mask is a pure function of key and counter; n elements use up ⌈n/4⌉ counts.
 *
 * Source    Srivastava et al. 2014, Dropout; Salmon et al. 2011 for the generator
 */
export function dropoutMask(
  y: Floats,
  n: number,
  p: number,
  keyLow: number,
  keyHigh: number,
  counterLow: number,
  counterHigh: number,
): void {
  const counter = Uint32Array.of(counterLow, counterHigh, 0, 0);
  const words = new Uint32Array(4);
  const threshold = p * 2 ** 32;
  const scale = 1 / (1 - p);
  for (let i = 0; i < n; i++) {
    if (i % 4 === 0) {
      philox(counter, keyLow, keyHigh, words);
      counter[0]++;
      if (counter[0] === 0) counter[1]++; // carry into the upper word
    }
    y[i] = words[i % 4] < threshold ? 0 : scale;
  }
}
