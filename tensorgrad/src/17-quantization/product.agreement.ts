import type { KernelCall, Uniform } from "../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../agreement/case.ts";

/** All sizes around those of tiles and vectors; activations of 7 bits and of 8; the largest numbers everywhere. */
function* productInt8Calls(random: Uniform): Iterable<KernelCall> {
  for (const m of [0, 1, 2, 4, 5, 8, 9]) {
    for (const n of [0, 1, 3, 4, 5, 15, 16, 17, 33]) {
      for (const k of [0, 1, 3, 4, 7, 8, 15, 16, 17, 33, 100]) yield call(random, m, n, k, random() < 0.5);
    }
  }
  for (const seven of [true, false]) {
    yield call(random, 1, 21, 5000, seven);
    yield call(random, 30, 18, 4500, seven); // several blocks, for their length
    yield call(random, 1, 4, 65_000, seven, "largest");
    yield call(random, 5, 17, 9000, seven, "largest");
  }
}

function call(
  random: Uniform,
  m: number,
  n: number,
  k: number,
  seven: boolean,
  which?: "largest",
): KernelCall {
  const top = seven ? 127 : 255;
  const of = (low: number, high: number) => Math.floor(low + (high + 1 - low) * random());
  const a = Uint8Array.from({ length: m * k }, () => (which ? top : of(0, top)));
  const w = Int8Array.from({ length: n * k }, () => (which ? -128 : of(-128, 127)));
  const yRow = n + Math.floor(random() * 3);
  return [a, w, new Int32Array(Math.max(0, (m - 1) * yRow + n)), m, n, k, yRow];
}

export const cases: readonly KernelCase[] = each("productInt8", 0, EXACT, productInt8Calls);
