import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../agreement/case.ts";

function* addPenaltyCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    const weights = numbersIn(random, n).map((x, i) => (i % 5 === 4 ? 0 : x));
    yield [numbersIn(random, n), weights, n, n % 2 ? 0 : 0.1, n % 3 ? 0.01 : 0];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("addPenalty", 4, PRODUCTS, addPenaltyCalls, { floor: 4 }),
];
