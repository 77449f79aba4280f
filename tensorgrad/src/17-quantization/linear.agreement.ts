import { type KernelCall, numbersIn, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

const integers = (random: Uniform, n: number, low: number, high: number): number[] =>
  Array.from({ length: n }, () => Math.floor(low + (high + 1 - low) * random()));

/** Sizes around those of tiles and vectors, both widths of integers, given and measured ranges, now and then a NaN. */
function* linearInt8Calls(random: Uniform): Iterable<KernelCall> {
  for (const rows of [0, 1, 2, 5]) {
    for (const outputs of [0, 1, 3, 4, 5, 16, 17, 33]) {
      for (const inputs of [1, 3, 4, 15, 16, 17, 33, 100]) yield call(random, rows, outputs, inputs);
    }
  }
  yield call(random, 5, 21, 65_000); // blocks of two rows, and one that is left
  yield call(random, 300, 18, 40); // more rows than a block may have
}

function call(random: Uniform, rows: number, outputs: number, inputs: number): KernelCall {
  const [high, given, zero] = [
    [127, 0, 0],
    [255, 0, 0],
    [127, 0.25, 64],
    [255, 0.25, 3],
  ][Math.floor(4 * random())];
  const x = numbersIn(random, rows * inputs, random() < 0.3 ? 0 : -9, 9);
  if (random() < 0.2) x[Math.floor(random() * x.length)] = random() < 0.5 ? NaN : Infinity;
  const w = Int8Array.from(integers(random, outputs * inputs, -128, 127));
  const [scales, bias] = [outputs, outputs].map((n) => numbersIn(random, n));
  const weights = Int32Array.from(integers(random, outputs, -128 * inputs, 127 * inputs));
  const yRow = outputs + Math.floor(random() * 3);
  const y = new Float32Array(Math.max(0, (rows - 1) * yRow + outputs));
  return [
    x,
    w,
    y,
    scales,
    weights,
    bias,
    rows,
    outputs,
    inputs,
    yRow,
    high,
    given,
    zero,
    random() < 0.5 ? 1 : 0,
  ];
}

export const cases: readonly KernelCase[] = each(
  "linearInt8",
  0,
  "integers, and every step is rounded to float32 alike",
  linearInt8Calls,
);
