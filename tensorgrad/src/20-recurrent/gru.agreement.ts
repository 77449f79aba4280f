import { type KernelCall, numbersIn, STEP_SIZES, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

/** Calls of gruStep(gates, hidden, h, candidate, next, rows, cols). */
function* steps(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols] of STEP_SIZES) {
    const n = rows * cols;
    const [gates, hidden] = [numbersIn(random, 3 * n), numbersIn(random, 3 * n)];
    const [candidate, next] = [new Float32Array(n), new Float32Array(n)];
    yield [gates, hidden, numbersIn(random, n, -1, 1), candidate, next, rows, cols];
  }
}

/** Calls of gruGrad(gates, candidate, h, gy, dh, dx, dr, dhBefore, rows, cols). */
function* gradients(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols] of STEP_SIZES) {
    const n = rows * cols;
    const gates = numbersIn(random, 3 * n, 0, 1).map((gate, at) =>
      Math.floor(at / cols) % 3 === 2 ? 2 * gate - 1 : gate,
    );
    const [candidate, h, gy, dh] = Array.from({ length: 4 }, () => numbersIn(random, n));
    const [dx, dr, dhBefore] = [3 * n, 3 * n, n].map((size) => new Float32Array(size));
    yield [gates, candidate, h, gy, dh, dx, dr, dhBefore, rows, cols];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("gruStep", 8, "exponentials within 3 of sums that may cancel, mixed", steps, { floor: 1 }),
  ...each("gruGrad", 8, "sums that may cancel, products of four", gradients, { floor: 8 }),
];
