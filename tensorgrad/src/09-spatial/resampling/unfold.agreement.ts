// The calls on which both implementations of unfold and fold are compared.

import { anyNumbers, type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../../agreement/case.ts";

/** [height, width, K, L, row stride, column stride, top, left, row step, column step]. */
const GEOMETRIES = [
  [6, 7, 3, 3, 1, 1, 1, 1, 1, 1],
  [5, 20, 2, 3, 1, 1, 0, 0, 1, 1],
  [9, 8, 3, 2, 2, 3, 1, 2, 1, 1],
  [9, 11, 2, 3, 1, 1, 2, 0, 3, 2],
  [1, 1, 3, 3, 1, 1, 1, 1, 1, 1],
  [4, 4, 1, 1, 2, 2, 0, 0, 1, 1],
  [3, 3, 2, 2, 1, 1, 4, 4, 1, 1], // windows in the padding alone
] as const;

function* calls(random: Uniform, backwards: boolean): Iterable<KernelCall> {
  for (const [height, width, K, L, s, t, top, left, d, e] of GEOMETRIES) {
    const outHeight = Math.floor((height + 2 * top - d * (K - 1) - 1) / s) + 1;
    const outWidth = Math.floor((width + 2 * left - e * (L - 1) - 1) / t) + 1;
    const [from, to] = [height * width, K * L * outHeight * outWidth].map((n) => 3 * n);
    const given = backwards ? numbersIn(random, to) : anyNumbers(random, from);
    const result = new Float32Array(backwards ? from : to).fill(NaN);
    yield [given, result, 3, height, width, K, L, outHeight, outWidth, s, t, top, left, d, e];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("unfold", 0, EXACT, (random) => calls(random, false)),
  ...each("fold", 8, "up to 9 terms added in sequence", (random) => calls(random, true), {
    floor: "absolute values",
  }),
];
