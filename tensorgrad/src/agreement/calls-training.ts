// Calls of the kernels that only training uses: losses, dropout, optimizers.

import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "./calls.ts";

const float32 = (n: number) => new Float32Array(n);
const int32 = (n: number) => new Int32Array(n);
const logits = (random: Uniform, n: number) => numbersIn(random, n, -30, 30);

export function* crossEntropyCalls(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols] of [
    [0, 3],
    [1, 1],
    [5, 2],
    [7, 10],
    [3, 65],
    [2, 1000],
  ] as const) {
    const targets = int32(rows).map((_, r) => (r === 4 ? -1 : Math.floor(random() * cols)));
    yield [logits(random, rows * cols), targets, float32(rows), rows, cols];
  }
}

export function* crossEntropyGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, targets, g, rows, cols] of crossEntropyCalls(random) as Iterable<
    [Float32Array, Int32Array, Float32Array, number, number]
  >) {
    yield [x, targets, numbersIn(random, g.length, -1, 1), float32(x.length), rows, cols];
  }
}

export function* dropoutCalls(random: Uniform): Iterable<KernelCall> {
  const word = () => Math.floor(random() * 2 ** 32);
  for (const n of [...LENGTHS, 1000]) yield [float32(n), n, random(), word(), word(), word(), word()];
  yield [float32(100), 100, 0, 1, 2, 3, 4];
  yield [float32(100), 100, 1, 1, 2, 3, 4];
  yield [float32(100), 100, 0.5, 1, 2, 2 ** 32 - 3, 7]; // the lower word of the counter overflows
}

export function* sgdPlainCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [numbersIn(random, n), numbersIn(random, n), n, 0.1, n % 2 ? 0 : 0.01];
}

export function* sgdCalls(random: Uniform): Iterable<KernelCall> {
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

export function* adamCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    for (const [decoupled, step] of [
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 1000],
    ] as const) {
      const m = step === 1 ? float32(n) : numbersIn(random, n);
      const v = step === 1 ? float32(n) : numbersIn(random, n, 0, 4);
      const [p, g] = [numbersIn(random, n), numbersIn(random, n)];
      yield [p, g, m, v, n, 0.001, 0.9, 0.999, 1e-8, 0.01, decoupled, step];
    }
  }
}
