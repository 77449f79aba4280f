// Calls of the kernels of module 06 that change gradients, and of the rarer optimizers.

import { anyNumbers, type KernelCall, LENGTHS, numbersIn, type Uniform } from "./calls.ts";

const float32 = (n: number) => new Float32Array(n);

export function* norm2Calls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [numbersIn(random, n), float32(1), n];
  for (const size of [1e-25, 1e25]) yield [numbersIn(random, 70).map((x) => x * size), float32(1), 70];
  yield [anyNumbers(random, 100), float32(1), 100];
}

export function* scaleByCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [anyNumbers(random, n), n, 0.3];
}

export function* clampToCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [anyNumbers(random, n), n, 0.75];
}

export function* addPenaltyCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    const weights = numbersIn(random, n).map((x, i) => (i % 5 === 4 ? 0 : x));
    yield [numbersIn(random, n), weights, n, n % 2 ? 0 : 0.1, n % 3 ? 0.01 : 0];
  }
}

export function* rmspropCalls(random: Uniform): Iterable<KernelCall> {
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

export function* adagradCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    const sum = n % 2 ? float32(n) : numbersIn(random, n, 0, 4);
    yield [numbersIn(random, n), numbersIn(random, n), sum, n, 0.1, 1e-10, n % 3 ? 0 : 0.1, n % 2 ? 0.5 : 0];
  }
}

export function* amsgradCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const [decoupled, step] of [
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 1000],
    ] as const) {
      const first = step === 1;
      const [p, g, m] = [
        numbersIn(random, n),
        numbersIn(random, n),
        first ? float32(n) : numbersIn(random, n),
      ];
      const [v, largest] = [0, 1].map(() => (first ? float32(n) : numbersIn(random, n, 0, 4)));
      yield [p, g, m, v, largest, n, 0.001, 0.9, 0.999, 1e-8, 0.01, decoupled, step];
    }
  }
}
