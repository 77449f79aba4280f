import { anyNumbers, type KernelCall, LENGTHS, numbersIn, type Uniform } from "../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

function* norm2Calls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [numbersIn(random, n), float32(1), n];
  for (const size of [1e-25, 1e25]) yield [numbersIn(random, 70).map((x) => x * size), float32(1), 70];
  yield [anyNumbers(random, 100), float32(1), 100];
}

function* scaleByCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [anyNumbers(random, n), n, 0.3];
}

function* clampToCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [anyNumbers(random, n), n, 0.75];
}

export const cases: readonly KernelCase[] = [
  ...each("norm2", 1, "summed in double precision, rounded once", norm2Calls, { undivided: "one sum" }),
  ...each("scaleBy", 1.5, "the factor is rounded, then the product", scaleByCalls),
  ...each("clampTo", 0, EXACT, clampToCalls),
];
