import {
  type Calls,
  type KernelArray,
  LAYOUTS,
  LENGTHS,
  numbersIn,
  span,
  type Uniform,
} from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../../../agreement/case.ts";

/** Calls of reductions (x, y, rows, cols, xRow, xCol). */
function reduceCalls(
  Output: new (n: number) => KernelArray,
  numbers: (random: Uniform, n: number) => Float32Array,
  longest: number,
): Calls {
  return function* (random) {
    for (const n of LENGTHS) yield [numbers(random, n), new Output(1), 1, n, n, 1];
    for (const [rows, cols, xRow, xCol] of LAYOUTS) {
      yield [numbers(random, span(rows, cols, xRow, xCol)), new Output(rows), rows, cols, xRow, xCol];
    }
    for (const rows of [3, 16, 37]) {
      yield [numbers(random, rows * longest), new Output(rows), rows, longest, longest, 1];
      yield [numbers(random, rows * longest), new Output(rows), rows, longest, 1, rows];
    }
  };
}

const moderate = (random: Uniform, n: number) => numbersIn(random, n);
const positive = (random: Uniform, n: number) => numbersIn(random, n, 0.5, 1.5);
/** Few values, many ties, now and then NaN. */
const ties = (random: Uniform, n: number) =>
  numbersIn(random, n).map((x) => (random() < 0.002 ? NaN : Math.trunc(x * 2)));

export const cases: readonly KernelCase[] = [
  ...each("sum", 8, "blocks of 128, then pairs", reduceCalls(Float32Array, moderate, 5000), {
    floor: "absolute values",
  }),
  ...each("prod", 1, "multiplied in float64", reduceCalls(Float32Array, positive, 300)),
  ...each("max min", 0, `${EXACT}, but −0 and 0 are equal`, reduceCalls(Float32Array, ties, 1000), {
    floor: 1,
  }),
  ...each("argmax argmin", 0, EXACT, reduceCalls(Int32Array, ties, 1000)),
];
