import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, FITTED, type KernelCase, ROUNDED } from "../agreement/case.ts";

/** Calls of (z, h, n). */
function* steps(random: Uniform): Iterable<KernelCall> {
  for (const n of [...LENGTHS, 1000]) yield [numbersIn(random, n), new Float32Array(n), n];
}

/** Calls of (h, g, dh, dz, n). */
function* gradients(random: Uniform): Iterable<KernelCall> {
  for (const n of [...LENGTHS, 1000]) {
    const [g, dh] = [numbersIn(random, n), numbersIn(random, n)];
    yield [numbersIn(random, n, -1, 1), g, dh, new Float32Array(n), n];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("rnnTanh", 3, FITTED, steps),
  ...each("rnnRelu", 0, ROUNDED, steps),
  ...each("rnnTanhGrad", 2, "a sum that may cancel, 1 − h², a product", gradients, { floor: 4 }),
  ...each("rnnReluGrad", 0.5, ROUNDED, gradients),
];
