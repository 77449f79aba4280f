// The calls on which both implementations of interpolation are compared.

import { type KernelCall, numbersIn, type Uniform } from "../../agreement/calls.ts";
import { each, type KernelCase } from "../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** Larger, smaller, a single row; between any two inputs, also one and itself, with shares of 0 and 1. */
function* calls(random: Uniform, backwards: boolean): Iterable<KernelCall> {
  for (const [height, width, outHeight, outWidth] of [
    [3, 4, 6, 8],
    [7, 5, 3, 9],
    [1, 1, 4, 5],
    [5, 6, 1, 1],
  ]) {
    for (const channels of [1, 3, 4, 17, 32]) {
      const places = (size: number, outputs: number) =>
        Int32Array.from({ length: 2 * outputs }, () => Math.floor(random() * size));
      const shares = (outputs: number) =>
        float32(outputs).map((_, i) => (i % 3 === 0 ? 0 : i % 3 === 1 ? 1 : random()));
      const [from, to] = [height * width, outHeight * outWidth].map((n) => 2 * n * channels);
      const given = numbersIn(random, backwards ? to : from);
      const result = float32(backwards ? from : to).fill(NaN);
      const tables = [places(height, outHeight), places(width, outWidth)];
      const sizes = [2, channels, height, width, outHeight, outWidth];
      yield [given, result, ...tables, ...sizes, shares(outHeight), shares(outWidth)];
    }
  }
}

const SUM = { floor: "absolute values" } as const;

export const cases: readonly KernelCase[] = [
  ...each(
    "interpolate",
    6,
    "two differences, products and a sum of four",
    (random) => calls(random, false),
    SUM,
  ),
  ...each("interpolateGrad", 16, "up to 30 terms added in sequence", (random) => calls(random, true), SUM),
];
