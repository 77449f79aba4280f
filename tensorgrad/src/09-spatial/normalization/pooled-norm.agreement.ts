// The calls on which both implementations of pooled normalisation are compared.

import { type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase } from "../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);
const EPS = 2 ** -16;

/** Windows that tile `size` inputs, of one size or of several. */
function tiles(size: number, outputs: number): Int32Array {
  const starts = Array.from({ length: outputs + 1 }, (_, i) => Math.floor((i * size) / outputs));
  return Int32Array.from(starts.slice(0, outputs).flatMap((start, i) => [start, starts[i + 1], 1]));
}

interface Operands {
  readonly x: Float32Array;
  readonly tables: readonly [Int32Array, Int32Array];
  /** [count, channels, height, width, outHeight, outWidth] */
  readonly sizes: readonly number[];
  /** w, b, shift, rest, variance */
  readonly own: readonly Float32Array[];
}

function* operands(random: Uniform): Iterable<Operands> {
  for (const [count, height, width, outHeight, outWidth] of [
    [3, 6, 4, 3, 2],
    [2, 5, 7, 2, 3],
    [1, 40, 30, 20, 15],
  ]) {
    for (const channels of [1, 4, 7, 32, 1030]) {
      if (channels * height * width > 50_000) continue;
      const one = (low: number, high: number) => numbersIn(random, channels, low, high);
      const own = [one(-4, 4), one(-4, 4), one(-1, 1), one(-1e-7, 1e-7), one(0.5, 8)];
      const x = numbersIn(random, count * channels * height * width);
      awayFromKink(x, own, channels);
      const tables = [tiles(height, outHeight), tiles(width, outWidth)] as const;
      yield { x, tables, sizes: [count, channels, height, width, outHeight, outWidth], own };
    }
  }
}

/** Where relu's sign hangs on rounding, neither answer is wrong: such elements are moved away from 0. */
function awayFromKink(x: Float32Array, [w, b, shift, , variance]: Float32Array[], channels: number): void {
  for (let i = 0; i < x.length; i++) {
    const c = i % channels;
    const z = ((x[i] - shift[c]) / Math.sqrt(variance[c] + EPS)) * w[c] + b[c];
    if (Math.abs(z) < 1e-3) x[i] += 0.125;
  }
}

function* forward(random: Uniform): Iterable<KernelCall> {
  for (const { x, tables, sizes, own } of operands(random)) {
    const outputs = sizes[0] * sizes[1] * sizes[4] * sizes[5];
    yield [x, float32(outputs), new Int32Array(outputs), ...tables, ...sizes, ...own, EPS];
  }
}

/** Some input of each window. */
function indexFor(random: Uniform, { tables: [rows, cols], sizes }: Operands): Int32Array {
  const [count, channels, , width, outHeight, outWidth] = sizes;
  const any = (table: Int32Array, i: number) =>
    table[3 * i] + Math.floor(random() * (table[3 * i + 1] - table[3 * i]));
  const index: number[] = [];
  for (let n = 0; n < count; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let c = 0; c < channels; c++) index.push(any(rows, i) * width + any(cols, j));
  return Int32Array.from(index);
}

function* sums(random: Uniform): Iterable<KernelCall> {
  for (const call of operands(random)) {
    const [count, channels, height, width, outHeight, outWidth] = call.sizes;
    const index = indexFor(random, call);
    const results = [float32(channels), float32(channels)];
    const places = [height * width, outHeight * outWidth];
    const g = numbersIn(random, index.length);
    yield [call.x, g, index, ...call.own, ...results, count, channels, ...places, channels, EPS];
  }
}

function* backward(random: Uniform): Iterable<KernelCall> {
  for (const call of operands(random)) {
    const { x, tables, sizes, own } = call;
    const index = indexFor(random, call);
    const given = [numbersIn(random, sizes[1]), numbersIn(random, sizes[1])];
    const dx = float32(x.length).fill(NaN);
    const total = sizes[0] * sizes[2] * sizes[3];
    yield [x, numbersIn(random, index.length), index, dx, ...tables, ...sizes, ...own, ...given, EPS, total];
  }
}

export const cases: readonly KernelCase[] = [
  ...each("poolNorm", 4, "differences, a root, a quotient, two products, a sum that may cancel", forward, {
    floor: 8,
  }),
  ...each("poolNormSums", 4, "128 terms in sequence, of random sign; blocks in float64", sums, {
    floor: ([, g, , , , , , , , , , channels]) =>
      8 * Math.sqrt((g as Float32Array).length / Number(channels)),
  }),
  ...each("poolNormGrad", 4, "differences that cancel, three products", backward, { floor: 16 }),
];
