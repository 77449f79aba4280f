import type { KernelCall, Uniform } from "../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../agreement/case.ts";

/** [H, W, C, K, L, stride, dilation, padding], the pairs apart where height and width differ. */
const SHAPES = [
  [5, 6, 3, 3, 3, [1, 1], [1, 1], [1, 1]],
  [7, 5, 4, 3, 2, [2, 1], [1, 2], [0, 2]],
  [4, 4, 1, 1, 1, [1, 1], [1, 1], [0, 0]],
  [6, 6, 17, 5, 5, [1, 2], [1, 1], [4, 3]],
  [9, 3, 2, 3, 1, [3, 1], [2, 1], [2, 0]],
  [1, 1, 64, 1, 1, [1, 1], [1, 1], [3, 3]],
] as const;

function* bytePatchesCalls(random: Uniform): Iterable<KernelCall> {
  for (const [H, W, C, K, L, stride, dilation, padding] of SHAPES) {
    const x = Uint8Array.from({ length: H * W * C }, () => Math.floor(256 * random()));
    const out = [H, W].map(
      (n, d) => Math.floor((n + 2 * padding[d] - dilation[d] * ([K, L][d] - 1) - 1) / stride[d]) + 1,
    );
    const zero = Math.floor(256 * random());
    for (const first of [0, 1]) {
      const count = out[0] * out[1] - first;
      const y = new Uint8Array(Math.max(0, count) * K * L * C);
      yield [x, y, H, W, C, K, L, out[1], ...stride, ...dilation, ...padding, zero, first, count];
    }
  }
}

export const cases: readonly KernelCase[] = each("bytePatches", 0, EXACT, bytePatchesCalls);
