import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../../agreement/case.ts";

/** Rates along g and m, scale and eps: NAdam's, RAdam's, and RAdam's while nothing is divided. */
const SETTINGS = [
  [0.001, 0.009, 1.5, 1e-8],
  [0, 0.01, 1, 1e-8],
  [0, 0.01, 0, 1],
] as const;

function* momentsCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const [gRate, mRate, scale, eps] of SETTINGS) {
      const [p, g, m] = [0, 1, 2].map(() => numbersIn(random, n));
      yield [p, g, m, numbersIn(random, n, 0, 4), n, gRate, mRate, 0.9, 0.999, scale, eps, 0.01];
    }
  }
}

export const cases: readonly KernelCase[] = [...each("moments", 4, PRODUCTS, momentsCalls, { floor: 4 })];
