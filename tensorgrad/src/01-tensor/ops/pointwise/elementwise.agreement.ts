import {
  gradientCalls,
  type KernelCall,
  LENGTHS,
  numbersIn,
  type Uniform,
  unaryCalls,
} from "../../../agreement/calls.ts";
import { EXACT, each, FITTED, type KernelCase, ROUNDED } from "../../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);
const unary = unaryCalls();

/** As unary, and the floats next to every multiple of π/2 that is reduced in float32. */
function* waveCalls(random: Uniform): Iterable<KernelCall> {
  yield* unaryCalls()(random);
  const x = float32(5 * 2100);
  const bits = new Int32Array(x.buffer);
  for (let i = 0; i < x.length; i++) {
    x[i] = (Math.floor(i / 5) + 1) * (Math.PI / 2);
    bits[i] += (i % 5) - 2;
  }
  yield [x, float32(x.length), 1, x.length, x.length, 1];
}

/** Outputs of sigmoid and tanh, which is what their gradients start from. */
function* boundedGradientCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of [...LENGTHS, 5000])
    yield [numbersIn(random, n, -1, 1), numbersIn(random, n), float32(n), n];
}

export const cases: readonly KernelCase[] = [
  ...each("neg abs sign relu floor ceil round", 0, EXACT, unary),
  ...each("square reciprocal sqrt", 0.5, ROUNDED, unary),
  ...each("rsqrt", 1.5, "two roundings: root and quotient", unary),
  ...each("exp", 1.05, FITTED, unary),
  ...each("log", 1, FITTED, unary),
  ...each("expm1 log1p erf", 2, FITTED, unary),
  ...each("atan", 2, "a fitted polynomial of a quotient, and a sum", unary),
  ...each("sin cos", 2, FITTED, waveCalls),
  ...each("sigmoid", 3, `${FITTED}; then a sum and a quotient`, unary),
  ...each("silu", 3.5, `${FITTED}; then a sum, a product and a quotient`, unary),
  ...each("geluTanh", 4, `${FITTED}; then a sum, a product, a quotient and a difference`, unary),
  ...each("tanh", 3, `${FITTED}; then a sum and a quotient`, unary),
  ...each("gelu", 4, "five roundings around the fitted tail of the normal distribution", unary),
  ...each("clamp", 0, EXACT, unaryCalls([-1.5, 2], 10)),
  ...each("reluGrad", 0, EXACT, gradientCalls),
  ...each("sigmoidGrad tanhGrad", 3, "three roundings", boundedGradientCalls),
  ...each(
    "geluGrad geluTanhGrad",
    6,
    "1 − tail near 0.5; the slope's zero at −0.75 cancels; times g",
    gradientCalls,
    { floor: 0.5 },
  ),
];
