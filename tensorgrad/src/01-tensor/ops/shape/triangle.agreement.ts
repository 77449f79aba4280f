import { anyNumbers, type KernelCall, LINES, type Uniform } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, SELDOM } from "../../../agreement/case.ts";

/** Calls of triangle(x, y, batch, rows, cols, diagonal, upper). */
function* triangleCalls(random: Uniform): Iterable<KernelCall> {
  for (const [batch, rows, cols] of [...LINES, [2, 7, 7], [1, 3, 300]] as const) {
    for (const diagonal of [0, 1, -2, 500, -500]) {
      for (const upper of [0, 1]) {
        const x = anyNumbers(random, batch * rows * cols);
        yield [x, new Float32Array(x.length), batch, rows, cols, diagonal, upper];
      }
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("triangle", 0, EXACT, triangleCalls, { undivided: SELDOM }),
];
