import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../../agreement/case.ts";

/** Calls of muonDirection(g, m, u, n, beta, nesterov). */
function* directionCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS)
    for (const nesterov of [0, 1])
      yield [numbersIn(random, n), numbersIn(random, n), new Float32Array(n), n, 0.9, nesterov];
}

/** Calls of muonMove(p, u, n, shrink, size). */
function* moveCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [numbersIn(random, n), numbersIn(random, n), n, n % 2 ? 1 : 0.999, 0.02];
}

export const cases: readonly KernelCase[] = [
  ...each("muonDirection", 4, PRODUCTS, directionCalls, { floor: 4 }),
  ...each("muonMove", 4, PRODUCTS, moveCalls, { floor: 4 }),
];
