import { anyNumbers, type KernelCall, LINES, numbersIn, type Uniform } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, SELDOM } from "../../../agreement/case.ts";

/** Calls of argsort and topk(x, places, y, outer, n, inner, count, descending): ties, NaN, ±0, all of every size. */
function* sortCalls(random: Uniform): Iterable<KernelCall> {
  const ties = (n: number) => numbersIn(random, n).map((x) => (random() < 0.05 ? NaN : Math.trunc(x) / 2));
  for (const [outer, n, inner] of [...LINES, [3, 39, 1], [3, 40, 1], [2, 41, 3], [1, 1000, 1]] as const) {
    for (const descending of [0, 1]) {
      for (const count of new Set([0, 1, n >> 1, n])) {
        const [places, y] = [new Int32Array(4 * n), new Int32Array(outer * count * inner)];
        const size = outer * n * inner;
        for (const x of [anyNumbers(random, size), ties(size), new Float32Array(size).fill(NaN)])
          yield [x, places, y, outer, n, inner, count, descending];
      }
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("argsort topk", 0, EXACT, sortCalls, { scratch: 1, undivided: SELDOM }),
];
