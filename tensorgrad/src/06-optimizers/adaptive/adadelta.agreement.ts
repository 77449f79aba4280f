import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../../agreement/case.ts";

function* adadeltaCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const weightDecay of [0, 0.1]) {
      const [p, g] = [0, 1].map(() => numbersIn(random, n));
      const [v, moved] = [0, 1].map(() => numbersIn(random, n, 0, 4));
      yield [p, g, v, moved, n, 1, 0.9, 1e-6, weightDecay];
    }
  }
}

export const cases: readonly KernelCase[] = [...each("adadelta", 8, PRODUCTS, adadeltaCalls, { floor: 4 })];
