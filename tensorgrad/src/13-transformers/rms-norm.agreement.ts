import { type KernelCall, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

/** Calls of rmsNorm(x, w, y, stats, rows, cols, eps). */
function* rmsNormCalls(random: Uniform): Iterable<KernelCall> {
  for (const cols of [1, 2, 3, 4, 5, 8, 16, 17, 32, 63, 65, 192, 3001]) {
    for (const rows of [0, 1, 5, 300]) {
      if (rows * cols > 100_000) continue;
      const [x, w] = [rows * cols, cols].map((n) => numbersIn(random, n));
      yield [x, w, new Float32Array(x.length), new Float32Array(3 * rows), rows, cols, 2 ** -16];
    }
  }
}

/** What rmsNorm would keep of every row of x, roughly. */
function roughStatistics(x: Float32Array, rows: number): Float32Array {
  const cols = x.length / Math.max(1, rows);
  return Float32Array.from({ length: 3 * rows }, (_, i) => {
    const row = x.subarray(Math.floor(i / 3) * cols, Math.floor(i / 3 + 1) * cols);
    const square = row.reduce((sum, value) => sum + value ** 2, 0) / cols;
    return i % 3 === 2 ? 1 / Math.sqrt(square + 2 ** -16) : 0;
  });
}

/** Calls of rmsNormGrad(x, w, stats, g, dx, rows, cols). */
function* rmsNormGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, w, dx, , rows, cols] of rmsNormCalls(random)) {
    const gradient = numbersIn(random, (dx as Float32Array).length);
    yield [x, w, roughStatistics(x as Float32Array, rows as number), gradient, dx, rows, cols];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("rmsNorm", 4, "a sum of squares, a root, a quotient, two products", rmsNormCalls),
  ...each("rmsNormGrad", 4, "a sum that cancels, and a difference", rmsNormGradCalls, {
    floor: ([, , stats]) => 32 * Math.max(...(stats as Float32Array).filter((_, i) => i % 3 === 2)),
  }),
];
