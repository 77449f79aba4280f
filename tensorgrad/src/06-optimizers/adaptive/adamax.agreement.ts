import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../../agreement/case.ts";

function* adamaxCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const weightDecay of [0, 0.1]) {
      const [p, g, m] = [0, 1, 2].map(() => numbersIn(random, n));
      yield [p, g, m, numbersIn(random, n, 1, 4), n, 0.01, 0.9, 0.999, 1e-8, weightDecay];
    }
  }
}

export const cases: readonly KernelCase[] = [...each("adamax", 4, PRODUCTS, adamaxCalls, { floor: 4 })];
