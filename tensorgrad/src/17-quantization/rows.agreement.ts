import { type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

const wholes = (random: Uniform, n: number, low: number, high: number): number[] =>
  Array.from({ length: n }, () => Math.floor(low + (high + 1 - low) * random()));

/** Numbers among which are halves of the step 1/4, what lies far outside, and now and then one that is none. */
function* quantizeRowsCalls(random: Uniform): Iterable<KernelCall> {
  for (const cols of LENGTHS) {
    for (const rows of [0, 1, 5]) {
      for (const [high, given, zero] of [
        [127, 0, 0],
        [255, 0, 0],
        [127, 0.25, 64],
        [255, 0.25, 3],
        [127, 1e-3, 0],
      ]) {
        const x = numbersIn(random, rows * cols, random() < 0.3 ? 0 : -9, 9);
        for (let i = 0; i < x.length; i += 3) x[i] = Math.round(x[i] * 8) / 8;
        if (random() < 0.2)
          x[Math.floor(random() * x.length)] = [NaN, Infinity, -Infinity][Math.floor(random() * 3)];
        if (random() < 0.1) x.fill(random() < 0.5 ? 0 : 1e-42);
        yield [
          x,
          new Uint8Array(x.length),
          new Float32Array(rows),
          new Uint8Array(rows),
          rows,
          cols,
          high,
          given,
          zero,
        ];
      }
    }
  }
}

function* rescaleRowsCalls(random: Uniform): Iterable<KernelCall> {
  for (const cols of LENGTHS) {
    for (const rows of [0, 1, 5]) {
      for (const biased of [0, 1]) {
        const sum = Int32Array.from(wholes(random, rows * cols, -1e9, 1e9));
        const [scale, scales, bias] = [rows, cols, cols].map((n) => numbersIn(random, n));
        const zero = Uint8Array.from(wholes(random, rows, 0, 255));
        const weights = Int32Array.from(wholes(random, cols, -4e6, 4e6));
        const y = new Float32Array(rows * cols);
        yield [y, sum, scale, zero, scales, weights, bias, rows, cols, biased];
      }
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("quantizeRows", 0, "integers, and quotients rounded alike", quantizeRowsCalls),
  ...each("rescaleRows", 0, "every step is rounded to float32 alike", rescaleRowsCalls),
];
