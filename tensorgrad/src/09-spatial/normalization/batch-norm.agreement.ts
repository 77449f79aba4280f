// The calls on which both implementations of batch normalisation are compared.

import { type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase } from "../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** [outer, channels, inner]: rows of channels, planes, lines, one channel, one row, none. */
const LINES = [
  [300, 16, 1],
  [129, 7, 1],
  [5, 33, 1],
  [2, 1100, 1],
  [3, 5, 9],
  [2, 3, 2100],
  [1, 20, 64],
  [40, 1, 1],
  [0, 3, 1],
] as const;

const EPS = 2 ** -16;

function* statisticsCalls(random: Uniform): Iterable<KernelCall> {
  for (const [outer, channels, inner] of LINES) {
    if (outer === 0) continue; // of no number there is no mean
    for (const offset of [0, 4]) {
      const x = numbersIn(random, outer * channels * inner).map((value) => value + offset);
      const results = [0, 1, 2].map(() => float32(channels));
      yield [x, ...results, outer, channels, inner, channels * inner];
    }
  }
}

/** x, w, b, shift, rest and variance of every shape, the last three about right. */
function* operands(random: Uniform): Iterable<{ x: Float32Array; own: Float32Array[]; sizes: number[] }> {
  for (const [outer, channels, inner] of LINES) {
    const [w, b] = [numbersIn(random, channels), numbersIn(random, channels)];
    const x = numbersIn(random, outer * channels * inner);
    const [shift, rest] = [numbersIn(random, channels, -1, 1), numbersIn(random, channels, -1e-7, 1e-7)];
    const variance = numbersIn(random, channels, 0.5, 8);
    yield { x, own: [w, b, shift, rest, variance], sizes: [outer, channels, inner] };
  }
}

function* batchNormCalls(random: Uniform): Iterable<KernelCall> {
  for (const { x, own, sizes } of operands(random))
    for (const relu of [0, 1]) yield [x, ...own, float32(x.length), ...sizes, EPS, relu];
}

/** Where relu's sign hangs on rounding, neither answer is wrong: such elements are moved away from 0. */
function awayFromKink({ x, own, sizes }: { x: Float32Array; own: Float32Array[]; sizes: number[] }): void {
  const [w, b, shift, , variance] = own;
  const [, channels, inner] = sizes;
  for (let i = 0; i < x.length; i++) {
    const c = Math.floor(i / inner) % channels;
    const z = ((x[i] - shift[c]) / Math.sqrt(variance[c] + EPS)) * w[c] + b[c];
    if (Math.abs(z) < 1e-3) x[i] += 0.125;
  }
}

function* batchNormSumsCalls(random: Uniform): Iterable<KernelCall> {
  for (const call of operands(random)) {
    awayFromKink(call);
    const { x, own, sizes } = call;
    const step = sizes[1] * sizes[2];
    for (const relu of [0, 1]) {
      const results = [float32(sizes[1]), float32(sizes[1])];
      yield [x, numbersIn(random, x.length), ...own, ...results, ...sizes, step, EPS, relu];
    }
  }
}

function* batchNormGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const call of operands(random)) {
    awayFromKink(call);
    const { x, own, sizes } = call;
    for (const relu of [0, 1]) {
      const sums = [numbersIn(random, sizes[1]), numbersIn(random, sizes[1])];
      const given = [x, numbersIn(random, x.length), ...own, ...sums, float32(x.length)];
      yield [...given, ...sizes, EPS, relu, Math.max(1, sizes[0] * sizes[2])];
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("batchStatistics", 3, "blocks of 128 terms in float32, added in float64", statisticsCalls, {
    floor: 8,
  }),
  ...each(
    "batchNorm",
    4,
    "differences, a root, a quotient, two products, a sum that may cancel",
    batchNormCalls,
    {
      floor: 8,
    },
  ),
  ...each(
    "batchNormSums",
    4,
    "128 terms in sequence, of random sign; blocks in float64",
    batchNormSumsCalls,
    {
      floor: (call) => 8 * Math.sqrt(Number(call[9]) * Number(call[11])),
    },
  ),
  ...each("batchNormGrad", 4, "differences that cancel, three products", batchNormGradCalls, { floor: 16 }),
];
