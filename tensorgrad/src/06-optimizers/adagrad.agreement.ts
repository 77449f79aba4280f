import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase, PRODUCTS } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

function* adagradCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) {
    const sum = n % 2 ? float32(n) : numbersIn(random, n, 0, 4);
    yield [numbersIn(random, n), numbersIn(random, n), sum, n, 0.1, 1e-10, n % 3 ? 0 : 0.1, n % 2 ? 0.5 : 0];
  }
}

export const cases: readonly KernelCase[] = [...each("adagrad", 4, PRODUCTS, adagradCalls, { floor: 4 })];
