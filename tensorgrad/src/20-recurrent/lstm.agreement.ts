import { type KernelCall, numbersIn, STEP_SIZES, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

/** Calls of lstmStep(gates, c, next, h, rows, cols). */
function* steps(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols] of STEP_SIZES) {
    const n = rows * cols;
    const [next, h] = [new Float32Array(n), new Float32Array(n)];
    yield [numbersIn(random, 4 * n), numbersIn(random, n), next, h, rows, cols];
  }
}

/** Gates as a step leaves them: i, f and o between 0 and 1, g between −1 and 1. */
const activated = (random: Uniform, rows: number, cols: number): Float32Array =>
  numbersIn(random, 4 * rows * cols, 0, 1).map((gate, at) =>
    Math.floor(at / cols) % 4 === 2 ? 2 * gate - 1 : gate,
  );

/** Calls of lstmGrad(gates, c, next, gy, dh, dc, dz, dcBefore, rows, cols). */
function* gradients(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols] of STEP_SIZES) {
    const n = rows * cols;
    const [c, next, gy, dh, dc] = Array.from({ length: 5 }, () => numbersIn(random, n));
    const [dz, dcBefore] = [new Float32Array(4 * n), new Float32Array(n)];
    yield [activated(random, rows, cols), c, next, gy, dh, dc, dz, dcBefore, rows, cols];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("lstmStep", 8, "exponentials within 3, whose products are added and may cancel", steps, {
    floor: 1,
  }),
  ...each("lstmGrad", 8, "sums that may cancel, 1 − tanh² near 0, products of four", gradients, { floor: 8 }),
];
