import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

function* sgdPlainCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [numbersIn(random, n), numbersIn(random, n), n, 0.1, n % 2 ? 0 : 0.01];
}

function* sgdCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const [nesterov, firstStep] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const velocity = firstStep ? float32(n).fill(NaN) : numbersIn(random, n);
      const dampening = nesterov ? 0 : 0.3;
      yield [
        numbersIn(random, n),
        numbersIn(random, n),
        velocity,
        n,
        0.1,
        0.9,
        dampening,
        0.01,
        nesterov,
        firstStep,
      ];
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("sgdPlain", 4, PRODUCTS, sgdPlainCalls, { floor: 4 }),
  ...each("sgd", 4, PRODUCTS, sgdCalls, { floor: 4 }),
];
