import {
  anyNumbers,
  binaryCalls,
  type KernelCall,
  LAYOUTS,
  span,
  type Uniform,
} from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../../../agreement/case.ts";

/** Calls of where(a, b, condition, y, rows, cols, strides of a, b and condition). */
function* whereCalls(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols, row, col] of LAYOUTS) {
    for (const [cRow, cCol] of [
      [cols, 1],
      [0, 1],
      [1, 0],
      [1, rows],
    ] as const) {
      const a = anyNumbers(random, span(rows, cols, row, col));
      const b = anyNumbers(random, span(rows, cols, cols, 1));
      const condition = Uint8Array.from({ length: span(rows, cols, cRow, cCol) }, () =>
        random() < 0.5 ? 0 : 1,
      );
      yield [a, b, condition, new Float32Array(rows * cols), rows, cols, row, col, cols, 1, cRow, cCol];
      yield [b, a, condition, new Float32Array(rows * cols), rows, cols, cols, 1, row, col, cRow, cCol];
    }
  }
}

export const cases: readonly KernelCase[] = [
  ...each("eq ne lt le gt ge", 0, EXACT, binaryCalls(Uint8Array)),
  ...each("where", 0, EXACT, whereCalls),
];
