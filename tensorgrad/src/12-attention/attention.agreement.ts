import { type KernelCall, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";
import { attention } from "./attention.reference.ts";

type Mask = "" | "whole" | "row" | "column";

/** N, H, Hk, T, S, D, E, causal. */
const SIZES = [
  [1, 1, 1, 1, 1, 1, 1, 0],
  [2, 2, 2, 5, 5, 4, 4, 1],
  [1, 4, 2, 7, 9, 5, 3, 1],
  [2, 3, 1, 3, 20, 17, 16, 0],
  [1, 2, 2, 6, 6, 8, 20, 0],
  [1, 2, 1, 70, 131, 16, 16, 1],
  [1, 1, 1, 65, 129, 32, 33, 0],
  [1, 2, 2, 2, 300, 6, 6, 1],
  [0, 2, 2, 3, 3, 4, 4, 0],
] as const;
/** None, one for all heads, a number for each key, a number for each query. */
const MASKS: readonly Mask[] = ["", "", "whole", "row", "column", "", "whole", "row", ""];

/** A third of the numbers hides a key, or all keys. */
function maskOf(random: Uniform, kind: Mask, T: number, S: number): [mask: Float32Array, strides: number[]] {
  const [size, strides] = {
    "": [1, [0, 0]],
    whole: [T * S, [S, 1]],
    row: [S, [0, 1]],
    column: [T, [1, 0]],
  }[kind] as [number, number[]];
  const mask = numbersIn(random, size).map((x) => (random() < 0.3 ? -Infinity : x));
  return [mask, [0, 0, ...strides]];
}

/** How far apart sequences, heads and rows lie: heads one after the other, or those of a position side by side. */
const lying = ([heads, rows, cols]: readonly number[], sideBySide: boolean): number[] =>
  sideBySide ? [heads * rows * cols, cols, heads * cols] : [heads * rows * cols, rows * cols, cols];

function* operands(random: Uniform) {
  for (const [row, [N, H, Hk, T, S, D, E, causal]] of SIZES.entries()) {
    for (const sideBySide of [false, true]) {
      const [q, k, v, y] = [
        [H, T, D],
        [Hk, S, D],
        [Hk, S, E],
        [H, T, E],
      ] as const;
      const numbers = ([heads, rows, cols]: readonly number[]) =>
        numbersIn(random, N * heads * rows * cols, -2, 2);
      const [mask, steps] = maskOf(random, MASKS[row], T, S);
      const strides = [q, k, v, y, y, q, k, v].flatMap((shape) => lying(shape, sideBySide));
      const masked = MASKS[row] === "" ? 0 : 1;
      const sizes = Int32Array.of(N, H, Hk, T, S, D, E, causal, masked, ...strides, ...steps);
      yield { inputs: [numbers(q), numbers(k), numbers(v), mask] as const, g: numbers(y), sizes };
    }
  }
}

/** Calls of attention(q, k, v, mask, y, stats, sizes, scale, first, count, cost). */
function* attentionCalls(random: Uniform): Iterable<KernelCall> {
  for (const { inputs, g, sizes } of operands(random)) {
    const [N, H, , T, , D] = sizes;
    const results = [new Float32Array(g.length), new Float32Array(2 * N * H * T)];
    yield [...inputs, ...results, sizes, 1 / Math.sqrt(D), 0, N * H, 1];
  }
}

/** Calls of attentionGrad(q, k, v, mask, y, stats, g, dq, dk, dv, sizes, scale, first, count, cost). */
function* attentionGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const { inputs, g, sizes } of operands(random)) {
    const [N, H, Hk, T, , D] = sizes;
    const scale = 1 / Math.sqrt(D);
    const [y, stats] = [new Float32Array(g.length), new Float32Array(2 * N * H * T)];
    attention(...inputs, y, stats, sizes, scale, 0, N * H, 1);
    const results = inputs.slice(0, 3).map(({ length }) => new Float32Array(length));
    yield [...inputs, y, stats, g, ...results, sizes, scale, 0, N * Hk, 1];
  }
}

const WHY = "scores cancel, and their error is one of eˢ; then sums of products";

export const cases: readonly KernelCase[] = [
  ...each("attention", 16, WHY, attentionCalls, { floor: 4 }),
  ...each("attentionGrad", 16, WHY, attentionGradCalls, { floor: 32 }),
];
