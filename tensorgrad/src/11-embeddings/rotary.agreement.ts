import { type KernelCall, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

/** [outer, heads, rows, half]: whole and ragged vectors, one sequence and several. */
const SIZES = [
  [1, 1, 1, 1],
  [2, 3, 5, 4],
  [1, 2, 7, 3],
  [3, 1, 4, 5],
  [2, 4, 33, 16],
  [0, 2, 3, 4],
  [2, 2, 0, 4],
] as const;

/** Heads in order, and x as a projection leaves it: the heads of a position side by side. */
function* rotaryCalls(random: Uniform): Iterable<KernelCall> {
  for (const [outer, heads, rows, half] of SIZES) {
    const [row, size] = [2 * half, outer * heads * rows * 2 * half];
    const inOrder = [heads * rows * row, rows * row, row];
    const sideBySide = [heads * rows * row, row, heads * row];
    for (const strides of [inOrder, sideBySide]) {
      for (const sense of [1, -1]) {
        const table = numbersIn(random, rows * row, -1, 1);
        const operands = [numbersIn(random, size), table, new Float32Array(size)];
        yield [...operands, outer, heads, rows, half, ...strides, ...inOrder, sense];
      }
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("rotary", 2, "two products and their sum, which may cancel", rotaryCalls, { floor: 4 }),
];
