import { type KernelCall, maskedScores, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);
const logits = (random: Uniform, n: number) => numbersIn(random, n, -30, 30);

function* crossEntropyCalls(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols] of [
    [0, 3],
    [1, 1],
    [5, 2],
    [7, 10],
    [3, 65],
    [2, 1000],
  ] as const) {
    const targets = new Int32Array(rows).map((_, r) => (r === 4 ? -1 : Math.floor(random() * cols)));
    yield [logits(random, rows * cols), targets, float32(rows), rows, cols];
    yield [maskedScores(random, rows * cols), targets, float32(rows), rows, cols];
  }
}

function* crossEntropyGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, targets, g, rows, cols] of crossEntropyCalls(random) as Iterable<
    [Float32Array, Int32Array, Float32Array, number, number]
  >) {
    yield [x, targets, numbersIn(random, g.length, -1, 1), float32(x.length), rows, cols];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("crossEntropy", 4, "logarithm of a sum of exponentials", crossEntropyCalls, { floor: 1 }),
  ...each("crossEntropyGrad", 4, "a probability minus one", crossEntropyGradCalls, { floor: 1 }),
];
