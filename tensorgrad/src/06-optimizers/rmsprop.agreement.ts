import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../agreement/case.ts";

function* rmspropCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const [momentum, centered] of [
      [0, 0],
      [0.9, 0],
      [0, 1],
      [0.9, 1],
    ] as const) {
      const [p, g, mean] = [0, 1, 2].map(() => numbersIn(random, n, -1, 1));
      const [v, velocity] = [numbersIn(random, n, 2, 4), numbersIn(random, n)];
      yield [p, g, v, mean, velocity, n, 0.01, 0.99, 1e-8, n % 2 ? 0 : 0.1, momentum, centered];
    }
  }
}

export const cases: readonly KernelCase[] = [...each("rmsprop", 4, PRODUCTS, rmspropCalls, { floor: 4 })];
