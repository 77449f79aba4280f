import { type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase } from "../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** N, H, W, C, K, L, then stride, padding and dilation in pairs. */
const rows: readonly (readonly number[])[] = [
  [0, 4, 4, 2, 3, 3, 1, 1, 1, 1, 1, 1],
  [2, 5, 6, 4, 3, 3, 1, 1, 1, 1, 1, 1],
  [1, 9, 8, 7, 3, 2, 2, 3, 0, 2, 2, 1],
  [3, 1, 20, 17, 1, 5, 1, 2, 0, 2, 1, 2],
  [2, 3, 2, 64, 5, 5, 1, 1, 2, 2, 1, 1],
  [1, 2, 2, 5, 3, 3, 3, 2, 4, 4, 3, 1],
];

const pixelsOf = (size: number, kernel: number, stride: number, padding: number, dilation: number) =>
  Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;

function* calls() {
  for (const [N, H, W, C, K, L, sH, sW, top, left, dH, dW] of rows) {
    const [outH, outW] = [pixelsOf(H, K, sH, top, dH), pixelsOf(W, L, sW, left, dW)];
    const sizes = Int32Array.of(N, H, W, C, outH, outW, K, L, sH, sW, top, left, dH, dW);
    yield { sizes, N, C, lines: N * outH, taps: K * L * C, x: N * H * W * C, y: N * outH * outW * C };
  }
}

/** Calls of depthwiseImages(x, w, b, y, sizes, first, count, cost, base). */
function* imageCalls(random: Uniform): Iterable<KernelCall> {
  for (const { sizes, lines, taps, x, y, C } of calls()) {
    const [images, w, b] = [x, taps, C].map((n) => numbersIn(random, n));
    yield [images, w, b, float32(y), sizes, 0, lines, 1, 0];
    if (lines > 1) yield [images, w, b, float32(y), sizes, 1, 1, 1, 0];
  }
}

/** Calls of depthwiseTransposed(g, w, b, dx, sizes, first, count, cost, base). */
function* transposedCalls(random: Uniform): Iterable<KernelCall> {
  for (const { sizes, N, taps, x, y, C } of calls()) {
    const [g, w, b] = [y, taps, C].map((n) => numbersIn(random, n));
    yield [g, w, b, float32(x), sizes, 0, N, 1, 0];
    if (N > 1) yield [g, w, b, float32(x), sizes, 1, 1, 1, 0];
  }
}

/** Calls of depthwiseSums(x, g, sums, sizes, slots, first, count, cost, base). */
function* sumCalls(random: Uniform): Iterable<KernelCall> {
  for (const { sizes, taps, x, y } of calls()) {
    for (const slots of [1, 4]) {
      const [images, g] = [x, y].map((n) => numbersIn(random, n));
      yield [images, g, float32(slots * taps), sizes, slots, 0, slots, 1, 0];
    }
  }
}

const floor = { floor: "absolute values" } as const;

export const cases: readonly KernelCase[] = [
  ...each("depthwiseImages", 4, "at most 26 terms added in sequence", imageCalls, floor),
  ...each("depthwiseTransposed", 4, "at most 26 terms added in sequence", transposedCalls, floor),
  ...each("depthwiseSums", 8, "up to 30 terms added in sequence", sumCalls, floor),
];
