// The calls on which both implementations of pooling are compared.

import { type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../../agreement/case.ts";
import { adaptiveWindows, slidesOf, slidingWindows, type Windows } from "./windows.ts";

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

const SUM = { floor: "absolute values" } as const;

export const cases: readonly KernelCase[] = [
  ...each("maxPool", 0, EXACT, maxPoolCalls),
  ...each("maxPoolGrad", 8, "windows that overlap are added in sequence", maxPoolGradCalls, SUM),
  ...each("maxPoolTake", 0, EXACT, maxPoolTakeCalls),
  ...each("averagePool", 8, "81 terms, row by row, then a quotient", averagePoolCalls, SUM),
  ...each("averagePoolGrad", 8, "a quotient, then a sum in sequence", averagePoolGradCalls, SUM),
];
