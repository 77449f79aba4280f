import { type KernelCall, LINES, numbersIn, type Uniform } from "../../../agreement/calls.ts";
import { each, type KernelCase, SELDOM } from "../../../agreement/case.ts";

/** Calls of kernels (g, a, y, outer, n, inner, reverse). */
function* recurrenceCalls(random: Uniform): Iterable<KernelCall> {
  for (const [outer, n, inner] of [...LINES, [1, 5000, 1], [1, 700, 5]] as const) {
    for (const reverse of [0, 1]) {
      const size = outer * n * inner;
      yield [
        numbersIn(random, size),
        numbersIn(random, size, -1, 1),
        new Float32Array(size),
        outer,
        n,
        inner,
        reverse,
      ];
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("recurrence", 1, "formed in float64, rounded once", recurrenceCalls, { undivided: SELDOM }),
];
