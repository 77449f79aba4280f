import {
  anyNumbers,
  type KernelCall,
  LAYOUTS,
  LENGTHS,
  numbersIn,
  span,
  type Uniform,
} from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, ROUNDED } from "../../../agreement/case.ts";

/** Calls of copy(x, y, rows, cols, xRow, xCol, yRow, yCol) with y padded, contiguous and transposed. */
function* copyCalls(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols, xRow, xCol] of [
    ...LAYOUTS,
    [16, 16, 16, 1],
    [9, 16, 1, 16],
    [3, 200, 210, 1],
  ] as const) {
    for (const [yRow, yCol] of [
      [cols, 1],
      [cols + 3, 1],
      [1, rows],
      [2 * cols + 1, 2],
    ] as const) {
      const x = anyNumbers(random, span(rows, cols, xRow, xCol));
      const y = numbersIn(random, span(rows, cols, yRow, yCol)); // what lies between must stay
      yield [x, y, rows, cols, xRow, xCol, yRow, yCol];
    }
  }
}

function* fillCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [new Float32Array(n), n, Math.fround(random())];
}

function* addToCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [anyNumbers(random, n), anyNumbers(random, n), n];
}

/** Kernels that stay in TypeScript, with the reason. */
export const withoutSimd = { cast: "converts between any two types; WebAssembly has float32 kernels only" };

export const cases: readonly KernelCase[] = [
  ...each("copy", 0, EXACT, copyCalls),
  ...each("fill", 0, EXACT, fillCalls),
  ...each("addTo", 0.5, ROUNDED, addToCalls),
];
