import { type KernelCall, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

/** Calls of layerNorm(x, w, b, y, stats, rows, cols, eps). */
function* layerNormCalls(random: Uniform): Iterable<KernelCall> {
  for (const cols of [1, 2, 3, 4, 5, 8, 16, 17, 63, 65, 192, 3001]) {
    for (const rows of [0, 1, 5, 300]) {
      if (rows * cols > 100_000) continue;
      const [x, w, b] = [rows * cols, cols, cols].map((n) => numbersIn(random, n));
      yield [x, w, b, new Float32Array(x.length), new Float32Array(3 * rows), rows, cols, 2 ** -16];
    }
  }
}

/** Shift, rest and scale of every row of x, roughly. */
function roughStatistics(x: Float32Array, rows: number): Float32Array {
  const cols = x.length / Math.max(1, rows);
  return Float32Array.from({ length: 3 * rows }, (_, i) => {
    const row = x.subarray(Math.floor(i / 3) * cols, Math.floor(i / 3 + 1) * cols);
    const mean = row.reduce((sum, value) => sum + value, 0) / cols;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cols;
    return [mean, 1e-7, 1 / Math.sqrt(variance + 2 ** -16)][i % 3];
  });
}

/** Calls of layerNormGrad(x, w, stats, g, dx, rows, cols). */
function* layerNormGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, w, , dx, , rows, cols] of layerNormCalls(random)) {
    const gradient = numbersIn(random, (dx as Float32Array).length);
    yield [x, w, roughStatistics(x as Float32Array, rows as number), gradient, dx, rows, cols];
  }
}

/** Calls of layerNormGradWeight(x, stats, g, dw, rows, cols, step). */
function* layerNormGradWeightCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, , stats, g, , rows, cols] of layerNormGradCalls(random)) {
    yield [x, stats, g, new Float32Array(cols as number), rows, cols, cols];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("layerNorm", 3, "sums that cancel, a root, a quotient, two products", layerNormCalls, { floor: 8 }),
  ...each("layerNormGrad", 4, "two sums that cancel", layerNormGradCalls, {
    floor: ([, , stats]) => 32 * Math.max(...(stats as Float32Array).filter((_, i) => i % 3 === 2)),
  }),
  ...each("layerNormGradWeight", 8, "300 terms added in sequence, of random sign", layerNormGradWeightCalls, {
    floor: ([, , , , rows]) => 8 * Math.sqrt(Number(rows)),
  }),
];
