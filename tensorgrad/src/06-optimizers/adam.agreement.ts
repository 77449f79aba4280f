import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

function* adamCalls(random: Uniform): Iterable<KernelCall> {
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

function* amsgradCalls(random: Uniform): Iterable<KernelCall> {
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

export const cases: readonly KernelCase[] = [
  ...each("adam", 4, PRODUCTS, adamCalls, { floor: 4 }),
  ...each("amsgrad", 4, PRODUCTS, amsgradCalls, { floor: 4 }),
];
