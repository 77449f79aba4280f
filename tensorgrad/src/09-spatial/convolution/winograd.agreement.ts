import { type KernelArray, type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase } from "../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** Images, channels and tiles: whole and ragged, larger and smaller than a piece, with every padding. */
interface Shape {
  readonly N: number;
  readonly H: number;
  readonly W: number;
  readonly C: number;
  readonly O: number;
  readonly padding: readonly [number, number];
  readonly piece: number;
  readonly slots: number;
}

const shapes: readonly Shape[] = [
  { N: 0, H: 4, W: 4, C: 4, O: 4, padding: [1, 1], piece: 4, slots: 1 },
  { N: 1, H: 4, W: 4, C: 4, O: 8, padding: [1, 1], piece: 4, slots: 1 },
  { N: 2, H: 7, W: 9, C: 8, O: 4, padding: [1, 1], piece: 5, slots: 2 },
  { N: 1, H: 5, W: 3, C: 12, O: 20, padding: [0, 0], piece: 64, slots: 1 },
  { N: 3, H: 3, W: 6, C: 4, O: 4, padding: [2, 0], piece: 1, slots: 4 },
  { N: 2, H: 1, W: 12, C: 16, O: 16, padding: [1, 2], piece: 7, slots: 3 },
  { N: 2, H: 6, W: 10, C: 8, O: 12, padding: [1, 1], piece: 4, slots: 2 },
];

const tiles = [2, 4] as const;
const APART = 48;
/** Room for filters in panels of 16 columns. */
const planesSize = (tile: number, rows: number, cols: number) =>
  (tile + 2) ** 2 * (rows * Math.ceil(cols / 16) * 16 + APART);

function sizesOf({ N, H, W, C, O, padding, piece, slots }: Shape, tile: number, pool: number) {
  const [outH, outW] = [H + 2 * padding[0] - 2, W + 2 * padding[1] - 2];
  const sizes = Int32Array.of(N, H, W, C, outH, outW, O, ...padding, tile, piece, slots, pool);
  const count = Math.ceil((N * Math.ceil(outH / tile) * Math.ceil(outW / tile)) / piece);
  return { sizes, pieces: count, outputs: N * outH * outW * O };
}

/** Every tile with every shape; where results can be pooled by windows of 2×2, they are, too, as `pool` says. */
function* combinations(pool: number) {
  for (const tile of tiles) {
    for (const shape of shapes) {
      yield { tile, shape, ...sizesOf(shape, tile, 0), index: Int32Array.of(0) };
      const [outH, outW] = [shape.H + 2 * shape.padding[0] - 2, shape.W + 2 * shape.padding[1] - 2];
      if (outH % 2 || outW % 2) continue;
      const { outputs, ...rest } = sizesOf(shape, tile, pool);
      yield { tile, shape, ...rest, outputs: outputs / 4, index: indexFor(shape.N, outH, outW, shape.O) };
    }
  }
}

/** Of every window one pixel, by turns. */
function indexFor(N: number, outH: number, outW: number, O: number): Int32Array {
  const [h, w] = [outH / 2, outW / 2];
  return Int32Array.from({ length: N * h * w * O }, (_, i) => {
    const [row, col, tap] = [Math.floor(i / (O * w)) % h, Math.floor(i / O) % w, (i * 7) % 4];
    return (2 * row + (tap >> 1)) * outW + 2 * col + (tap & 1);
  });
}

/** Calls of winogradFilters(w, u, first, count, rows, cols, rowStep, colStep, turned, tile, panels). */
function* filterCalls(random: Uniform): Iterable<KernelCall> {
  for (const tile of tiles) {
    for (const { C, O } of shapes) {
      const w = numbersIn(random, 9 * C * O);
      const u = (rows: number, cols: number) => float32(planesSize(tile, rows, cols));
      yield [w, u(C, O), 0, C, C, O, 9, 9 * C, 0, tile, 0];
      yield [w, u(O, C), 0, O, O, C, 9 * C, 9, 1, tile, 1];
      yield [w, u(C, O), 1, 2, C, O, 9, 9 * C, 0, tile, 0];
    }
  }
}

/** Calls of winogradImages(x, u, b, y, index, sizes, first, count, cost, base). */
function* imageCalls(random: Uniform): Iterable<KernelCall> {
  for (const { tile, shape, sizes, pieces, outputs, index } of combinations(1)) {
    const { N, H, W, C, O } = shape;
    const u = numbersIn(random, planesSize(tile, C, O));
    const [x, b] = [numbersIn(random, N * H * W * C), numbersIn(random, O)];
    yield [x, u, b, float32(outputs), index, sizes, 0, pieces, 1, 0];
    if (pieces > 2) yield [x, u, b, float32(outputs), index, sizes, 1, 1, 1, 0];
  }
  for (const tile of tiles) {
    const [N, H, W, C, O] = [2, 6, 10, 8, 12]; // images that are gradients of windows
    const sizes = Int32Array.of(N, H, W, C, H, W, O, 1, 1, tile, 4, 0, 2);
    const pieces = Math.ceil((N * Math.ceil(H / tile) * Math.ceil(W / tile)) / 4);
    const u = numbersIn(random, planesSize(tile, C, O));
    const [g, b] = [numbersIn(random, (N * H * W * C) / 4), numbersIn(random, O)];
    yield [g, u, b, float32(N * H * W * O), indexFor(N, H, W, C), sizes, 0, pieces, 1, 0];
  }
}

/** Calls of winogradSums(x, g, index, sums, sizes, first, count, cost, base). */
function* sumCalls(random: Uniform): Iterable<KernelCall> {
  for (const { tile, shape, sizes, outputs, index } of combinations(2)) {
    const { N, H, W, C, O, slots } = shape;
    const sums = float32(slots * (tile + 2) ** 2 * (C * O + APART));
    const [x, g] = [numbersIn(random, N * H * W * C), numbersIn(random, outputs)];
    yield [x, g, index, sums, sizes, 0, slots, 1, 0];
  }
}

/** Calls of winogradFilterGradient(sums, dw, first, count, slots, C, O, tile). */
function* gradientCalls(random: Uniform): Iterable<KernelCall> {
  for (const tile of tiles) {
    for (const { C, O, slots } of shapes) {
      const sums = numbersIn(random, slots * (tile + 2) ** 2 * (C * O + APART));
      yield [sums, float32(9 * C * O), 0, C, slots, C, O, tile];
      yield [sums, float32(9 * C * O), 1, 2, slots, C, O, tile];
    }
  }
}

const largest = (numbers: KernelArray | number): number =>
  (numbers as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
/** Of tiles of 2 and of 4: by how much the transform of an image, or of a gradient, can enlarge numbers before they cancel. */
const image = (tile: number) => (tile === 2 ? 4 : 28);
const gradient = (tile: number) => (tile === 2 ? 4 : 66);
/** The same of the way back, along one dim. */
const result = (tile: number) => (tile === 2 ? 3 : 8);

/** The size of the terms that cancel in a sum over channels, or over tiles. */
const ofImages = ([x, u, , , , sizes]: KernelCall) =>
  largest(x) *
  largest(u) *
  image((sizes as Int32Array)[9]) *
  result((sizes as Int32Array)[9]) *
  Math.sqrt((sizes as Int32Array)[3]);
const ofSums = ([x, g, , , sizes]: KernelCall) =>
  largest(x) * largest(g) * image((sizes as Int32Array)[9]) * gradient((sizes as Int32Array)[9]);

const CANCEL = "two passes of sums whose terms cancel";

export const cases: readonly KernelCase[] = [
  ...each("winogradFilters", 8, CANCEL, filterCalls, { floor: ([w]) => largest(w) }),
  ...each("winogradImages", 8, CANCEL, imageCalls, { floor: ofImages }),
  ...each("winogradSums", 8, CANCEL, sumCalls, { floor: ofSums }),
  ...each("winogradFilterGradient", 8, CANCEL, gradientCalls, {
    floor: ([sums, , , , slots]) => largest(sums) * Number(slots),
  }),
];
