import { afterEach, describe, expect, it } from "vitest";
import { heap, Random, scope, threads, useThreads } from "../../src/00-runtime/index.ts";
import { heapBase, scratchBytes } from "../../src/00-runtime/wasm.ts";
import { randn, type Tensor, zeros } from "../../src/01-tensor/index.ts";
import { wayOf } from "../../src/09-spatial/convolution/ways.ts";
import { type ConvSizes, convSizes } from "../../src/09-spatial/geometry.ts";
import { inOrder } from "../../src/09-spatial/layout.ts";

// What a convolution needs beside its operands and its result: a part of the thread's scratch, and on the heap the filters in
// another form (transformed, or as matrices), once to compute with them and at most four times to sum their gradient.

const LIMIT = 2 * 2 ** 20;
/** Tables of sizes, with what the heap rounds up. */
const TABLES = 4096;

const UNTOUCHED = 0x5a5a5a5a;

const initial = threads().wanted;
afterEach(() => useThreads(initial));

/** N, C, H, W, O, K, L, stride, padding, dilation, groups */
const shapes: readonly (readonly number[])[] = [
  [8, 3, 32, 32, 64, 3, 3, 1, 1, 1, 1],
  [1, 3, 3, 300, 512, 7, 7, 1, 3, 1, 1],
  [4, 64, 32, 32, 128, 3, 3, 1, 1, 1, 1],
  [2, 256, 8, 8, 256, 3, 3, 1, 1, 1, 1],
  [1, 512, 5, 7, 512, 3, 3, 1, 1, 1, 1],
  [1, 1016, 6, 6, 8, 3, 3, 1, 1, 1, 1],
  [1, 8, 6, 2000, 8, 3, 3, 1, 1, 1, 1],
  [2, 128, 16, 16, 256, 3, 3, 2, 1, 1, 1],
  [1, 900, 5, 5, 48, 5, 5, 1, 2, 1, 1],
  [3, 96, 12, 12, 96, 3, 3, 1, 2, 2, 3],
  [2, 64, 20, 20, 64, 3, 3, 1, 1, 1, 64],
  [1, 128, 30, 30, 512, 1, 1, 1, 0, 1, 1],
];

/** Winograd's shapes and others at random, small and large in every size. */
function drawn(random: Random): number[] {
  const below = (n: number) => Math.floor(random.uniform() * n);
  const channels = () => 4 * (1 + below(2 ** below(7)));
  const [C, O, side] = [channels(), channels(), 1 + below(4) + 2 ** below(5)];
  return [1 + below(3), C, side, 1 + below(side), O, 3, 3, 1 + (below(4) >> 1), 1, 1, 1];
}

function sizesOf([N, C, H, W, O, K, L, stride, padding, dilation, groups]: readonly number[]): ConvSizes {
  const to = (size: number, kernel: number) =>
    Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const geometry = { stride, padding, dilation };
  const pairs = Object.entries(geometry).map(([key, n]) => [key, [n, n]]);
  const out = [to(H, K), to(W, L)];
  return convSizes([N, C, H, W], [O, C / groups, K, L], out, { ...Object.fromEntries(pairs), groups });
}

/** Bytes from the beginning of scratch to the last that a computation wrote, and bytes of the heap beyond its result. */
function measure(compute: () => Tensor): { scratch: number; extra: number } {
  const room = new Int32Array(heap.memory.buffer, heapBase, scratchBytes / 4);
  room.fill(UNTOUCHED);
  using _scope = scope();
  const before = heap.live;
  heap.resetPeak();
  const { byteLength } = compute().data;
  let used = room.length;
  while (used > 0 && room[used - 1] === UNTOUCHED) used--;
  return { scratch: 4 * used, extra: heap.peak - before - byteLength };
}

describe("the room that a convolution needs", () => {
  it("is 2 MiB of scratch for every thread, which no shape fills to the end", () => {
    expect(scratchBytes).toBe(LIMIT);
    useThreads(1);
    const random = new Random(19);
    const all = [...shapes, ...Array.from({ length: 16 }, () => drawn(random))];
    for (const shape of all) {
      const sizes = sizesOf(shape);
      const { N, C, H, W, O, K, L, outH, outW, groups } = sizes;
      if (outH < 1 || outW < 1) continue;
      using _scope = scope();
      const draw = (dims: number[]) => inOrder(randn(dims, { random }), true);
      const [x, g] = [draw([N, C, H, W]), draw([N, O, outH, outW])];
      const w = randn([O, C / groups, K, L], { random });
      const [bO, bC] = [zeros([O]), zeros([C])];
      const way = wayOf(x, sizes);
      const transformed = bytesOf(sizes, C / groups, O);
      const turned = bytesOf(sizes, O / groups, C);
      const runs = [
        [measure(() => way.images(x, w, bO, sizes)), transformed],
        [measure(() => way.transposed(g, w, bC, sizes)), Math.max(transformed, turned)],
        [measure(() => way.weight(x, g, sizes)), 4 * transformed],
      ] as const;
      const over = runs.filter(
        ([{ scratch, extra }, weights]) => scratch > LIMIT - 64 || extra > weights + TABLES,
      );
      expect([shape, over]).toEqual([shape, []]);
    }
  });
});

/** The filters as one matrix for each tap, or for each of Winograd's planes, which lie 192 bytes apart. */
function bytesOf({ K, L, stride, dilation, groups }: ConvSizes, rows: number, cols: number): number {
  const winograd = K === 3 && L === 3 && groups === 1 && stride[0] === 1 && dilation[0] === 1;
  return 4 * (winograd ? 36 : K * L) * (rows * Math.ceil(cols / 16) * 16 + 48);
}
