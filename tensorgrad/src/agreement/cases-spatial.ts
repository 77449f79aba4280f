// Calls of the kernels for images, and how far they may be from the reference: pooling and batch normalisation.

import * as averagePool from "../09-spatial/average-pool.reference.ts";
import * as batchNorm from "../09-spatial/batch-norm.reference.ts";
import * as batchStatistics from "../09-spatial/batch-statistics.reference.ts";
import * as maxPool from "../09-spatial/max-pool.reference.ts";
import { adaptiveWindows, slidesOf, slidingWindows, type Windows } from "../09-spatial/windows.ts";
import { type Calls, type KernelCall, numbersIn, type Uniform } from "./calls.ts";
import type { KernelCase } from "./cases.ts";

export const spatialFamilies = [maxPool, averagePool, batchStatistics, batchNorm];

const float32 = (n: number) => new Float32Array(n);
const int32 = (n: number) => new Int32Array(n);

type Grid = readonly [rows: Windows, cols: Windows];
type Image = readonly [height: number, width: number];

/** Windows that tile, overlap, leave gaps, reach over the edges, spread out, and have several sizes. */
const GRIDS: readonly (readonly [image: Image, grid: Grid])[] = [
  sliding([6, 10], 2, {}),
  sliding([7, 9], 2, {}),
  sliding([7, 9], 3, { stride: 2, padding: 1 }),
  sliding([8, 5], [3, 2], { stride: 1, padding: [1, 1], ceilMode: true }),
  sliding([9, 11], [2, 3], { stride: [3, 4], dilation: [3, 2] }),
  sliding([2, 4], 2, { padding: 1, dilation: 3, stride: 1 }),
  sliding([4, 16], 2, { padding: 1 }),
  [[7, 5], adaptiveWindows("", [7, 5], [3, 2])],
  [[9, 9], adaptiveWindows("", [9, 9], 1)],
];

function sliding(
  image: Image,
  kernel: Parameters<typeof slidesOf>[1],
  options: Parameters<typeof slidesOf>[2],
): readonly [Image, Grid] {
  const { ceilMode = false } = options;
  return [image, slidingWindows("", image, slidesOf("", kernel, options), { ceilMode, countPadding: true })];
}

/** Few values, many ties, now and then NaN. */
const ties = (random: Uniform, n: number) =>
  numbersIn(random, n).map((x) => (random() < 0.01 ? NaN : Math.trunc(x * 2)));

const CHANNELS = [1, 2, 4, 7, 16, 33];

/** What all pooling kernels take: sizes, and the two tables. */
function* grids(): Iterable<{
  tables: [Int32Array, Int32Array];
  sizes: number[];
  grid: Grid;
  from: number;
  to: number;
}> {
  for (const [image, grid] of GRIDS) {
    for (const channels of CHANNELS) {
      const outputs = grid.map(({ outputs }) => outputs);
      yield {
        tables: [Int32Array.from(grid[0].table), Int32Array.from(grid[1].table)],
        sizes: [3, channels, ...image, ...outputs],
        grid,
        from: 3 * channels * image[0] * image[1],
        to: 3 * channels * outputs[0] * outputs[1],
      };
    }
  }
}

const stepsOf = (grid: Grid) => grid.map(({ step }) => step);

function* maxPoolCalls(random: Uniform): Iterable<KernelCall> {
  for (const { tables, sizes, grid, from, to } of grids())
    yield [ties(random, from), float32(to), int32(to), ...tables, ...sizes, ...stepsOf(grid)];
}

/** An index as maxPool leaves it: some input of each window, −1 where it has none. */
function indexFor(random: Uniform, { sizes, grid }: { sizes: number[]; grid: Grid }): Int32Array {
  const [count, channels, , width] = sizes;
  const [rows, cols] = grid.map(({ table, outputs, step }) =>
    Array.from({ length: outputs }, (_, i) => {
      const inputs: number[] = [];
      for (let k = table[3 * i]; k < table[3 * i + 1]; k += step) inputs.push(k);
      return inputs;
    }),
  );
  const any = (list: number[]) => list[Math.floor(random() * list.length)];
  const index: number[] = [];
  for (let n = 0; n < count; n++)
    for (const row of rows)
      for (const col of cols)
        for (let c = 0; c < channels; c++)
          index.push(row.length && col.length ? any(row) * width + any(col) : -1);
  return Int32Array.from(index);
}

function* maxPoolGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const call of grids()) {
    const { tables, sizes, grid, from, to } = call;
    const index = indexFor(random, call);
    yield [numbersIn(random, to), index, float32(from).fill(NaN), ...tables, ...sizes, ...stepsOf(grid)];
  }
}

function* maxPoolTakeCalls(random: Uniform): Iterable<KernelCall> {
  for (const call of grids()) {
    const [count, channels, height, width, outHeight, outWidth] = call.sizes;
    const index = indexFor(random, call);
    const places = [height * width, outHeight * outWidth];
    yield [numbersIn(random, call.from), index, float32(call.to), count, channels, ...places];
  }
}

function* averagePoolCalls(random: Uniform): Iterable<KernelCall> {
  for (const { tables, sizes, grid, from, to } of grids()) {
    if (stepsOf(grid).every((step) => step === 1))
      yield [numbersIn(random, from), float32(to), ...tables, ...sizes];
  }
}

function* averagePoolGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const { tables, sizes, grid, from, to } of grids()) {
    if (stepsOf(grid).every((step) => step === 1))
      yield [numbersIn(random, to), float32(from).fill(NaN), ...tables, ...sizes];
  }
}

// ————————————————————————————————————————————————————————————————————————————————— batch normalisation

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

const row = (
  name: string,
  ulps: number,
  reason: string,
  calls: Calls,
  floor?: KernelCase["floor"],
): KernelCase => ({ name, ulps, reason, calls, ...(floor ? { floor } : {}) });

const EXACT = "exact: no rounding";

export const spatialCases: readonly KernelCase[] = [
  row("maxPool", 0, EXACT, maxPoolCalls),
  row("maxPoolGrad", 8, "windows that overlap are added in sequence", maxPoolGradCalls, "absolute values"),
  row("maxPoolTake", 0, EXACT, maxPoolTakeCalls),
  row("averagePool", 8, "81 terms, row by row, then a quotient", averagePoolCalls, "absolute values"),
  row("averagePoolGrad", 8, "a quotient, then a sum in sequence", averagePoolGradCalls, "absolute values"),
  row("batchStatistics", 3, "blocks of 128 terms in float32, added in float64", statisticsCalls, 8),
  row(
    "batchNorm",
    4,
    "differences, a root, a quotient, two products, a sum that may cancel",
    batchNormCalls,
    8,
  ),
  row(
    "batchNormSums",
    4,
    "128 terms added in sequence, of random sign; blocks in float64",
    batchNormSumsCalls,
    (call) => 8 * Math.sqrt(Number(call[9]) * Number(call[11])),
  ),
  row("batchNormGrad", 4, "differences that cancel, three products", batchNormGradCalls, 16),
];
