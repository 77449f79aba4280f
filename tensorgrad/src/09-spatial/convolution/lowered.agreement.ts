import { type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase } from "../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** N, H, W, C, O, K, L, then stride, padding and dilation in pairs, groups, piece, slots. */
type Row = readonly number[];

const rows: readonly Row[] = [
  [0, 4, 4, 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 8, 1],
  [2, 5, 6, 3, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 7, 2],
  [2, 4, 3, 5, 8, 1, 1, 1, 1, 0, 0, 1, 1, 1, 5, 3],
  [1, 8, 9, 6, 6, 3, 2, 2, 3, 0, 2, 2, 1, 3, 4, 2],
  [3, 7, 5, 4, 18, 5, 1, 2, 1, 2, 0, 1, 2, 2, 64, 1],
  [1, 3, 40, 19, 2, 2, 4, 1, 2, 1, 3, 1, 3, 1, 3, 4],
];
/** The same, whose pieces are whole lines of outputs: for images that lie channel by channel. */
const planeRows: readonly Row[] = [
  [2, 5, 6, 3, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 12, 2],
  [2, 8, 9, 1, 6, 3, 2, 2, 3, 0, 2, 2, 1, 1, 4, 2],
  [1, 4, 30, 2, 5, 2, 5, 1, 1, 1, 4, 1, 2, 1, 30, 3],
];
/** The same again, in pairs of lines: for results that are pooled by windows of 2×2, and gradients of those. */
const pooledRows: readonly Row[] = [
  [2, 6, 8, 3, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 16, 2],
  [3, 5, 6, 1, 8, 2, 3, 1, 1, 0, 1, 1, 1, 1, 12, 3],
];

/** Some pixel of every window of 2×2 of images [N, outH, outW, O]. */
function indexFor(random: Uniform, N: number, outH: number, outW: number, O: number): Int32Array {
  const [h, w] = [outH / 2, outW / 2];
  return Int32Array.from({ length: N * h * w * O }, (_, i) => {
    const [row, col] = [Math.floor(i / (O * w)) % h, Math.floor(i / O) % w];
    const tap = Math.floor(random() * 4);
    return (2 * row + (tap >> 1)) * outW + 2 * col + (tap & 1);
  });
}

const pixelsOf = (size: number, kernel: number, stride: number, padding: number, dilation: number) =>
  Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;

function* calls(random: Uniform) {
  for (const [planes, list, pool] of [
    [0, rows, 0],
    [1, planeRows, 0],
    [1, pooledRows, 1],
    [1, pooledRows, 2],
  ] as const) {
    for (const [N, H, W, C, O, K, L, sH, sW, top, left, dH, dW, groups, piece, slots] of list) {
      const [outH, outW] = [pixelsOf(H, K, sH, top, dH), pixelsOf(W, L, sW, left, dW)];
      const width = Math.ceil(piece / (planes ? outW : 1)) * (planes ? outW : 1);
      const sizes = Int32Array.of(
        ...[N, H, W, C, outH, outW, O, K, L, sH, sW, top, left, dH, dW, groups],
        ...[width, slots, planes, pool],
      );
      const pieces = Math.ceil((N * outH * outW) / width);
      const depth = (K * L * C) / groups;
      yield {
        random,
        sizes,
        pieces,
        N,
        C,
        O,
        slots,
        planes,
        pool,
        index: pool ? indexFor(random, N, outH, outW, O) : Int32Array.of(0),
        x: N * H * W * C,
        y: (N * outH * outW * O) / (pool ? 4 : 1),
        depth,
      };
    }
  }
}

/** Calls of loweredImages(x, filters, b, y, index, sizes, first, count, cost, base). */
function* imageCalls(random: Uniform): Iterable<KernelCall> {
  for (const { sizes, pieces, x, y, depth, O, pool, index } of calls(random)) {
    if (pool === 2) continue;
    const [images, filters, b] = [x, depth * O, O].map((n) => numbersIn(random, n));
    yield [images, filters, b, float32(y), index, sizes, 0, pieces, 1, 0];
    if (pieces > 2) yield [images, filters, b, float32(y), index, sizes, 1, 1, 1, 0];
  }
}

/** Calls of loweredTransposed(g, filters, b, dx, sizes, first, count, cost, base). */
function* transposedCalls(random: Uniform): Iterable<KernelCall> {
  for (const { sizes, N, x, y, depth, O, C, planes } of calls(random)) {
    if (planes) continue;
    const [g, filters, b] = [y, depth * O, C].map((n) => numbersIn(random, n));
    yield [g, filters, b, float32(x), sizes, 0, N, 1, 0];
    if (N > 1) yield [g, filters, b, float32(x), sizes, 1, 1, 1, 0];
  }
}

/** Calls of loweredSums(x, g, index, sums, sizes, first, count, cost, base). */
function* sumCalls(random: Uniform): Iterable<KernelCall> {
  for (const { sizes, x, y, depth, O, slots, pool, index } of calls(random)) {
    if (pool === 1) continue;
    const [images, g] = [x, y].map((n) => numbersIn(random, n));
    yield [images, g, index, float32(slots * depth * O), sizes, 0, slots, 1, 0];
  }
}

const floor = { floor: "absolute values" } as const;

export const cases: readonly KernelCase[] = [
  ...each("loweredImages", 8, "up to 150 terms added in sequence", imageCalls, floor),
  ...each("loweredTransposed", 8, "products summed over filters, then over taps", transposedCalls, floor),
  ...each("loweredSums", 8, "up to 100 terms added in sequence", sumCalls, floor),
];
