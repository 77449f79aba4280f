// The table of all kernels: how far the WebAssembly implementation may be from the reference, and why. The test
// beside it and the verifier's command line both run it.

import * as gather from "../01-tensor/ops/indexing/gather.reference.ts";
import * as indexSelect from "../01-tensor/ops/indexing/index-select.reference.ts";
import * as sort from "../01-tensor/ops/indexing/sort.reference.ts";
import * as arithmetic from "../01-tensor/ops/pointwise/arithmetic.reference.ts";
import * as compare from "../01-tensor/ops/pointwise/compare.reference.ts";
import * as elementwise from "../01-tensor/ops/pointwise/elementwise.reference.ts";
import * as matmul from "../01-tensor/ops/products/matmul.reference.ts";
import * as reduce from "../01-tensor/ops/reduce/reduce.reference.ts";
import * as scan from "../01-tensor/ops/reduce/scan.reference.ts";
import * as copy from "../01-tensor/ops/shape/copy.reference.ts";
import * as triangle from "../01-tensor/ops/shape/triangle.reference.ts";
import * as piecewise from "../02-activations/piecewise.reference.ts";
import * as softmax from "../02-activations/softmax.reference.ts";
import * as dropout from "../03-layers/dropout.reference.ts";
import * as crossEntropy from "../04-losses/cross-entropy.reference.ts";
import * as adagrad from "../06-optimizers/adagrad.reference.ts";
import * as adam from "../06-optimizers/adam.reference.ts";
import * as clip from "../06-optimizers/clip.reference.ts";
import * as regularization from "../06-optimizers/regularization.reference.ts";
import * as rmsprop from "../06-optimizers/rmsprop.reference.ts";
import * as sgd from "../06-optimizers/sgd.reference.ts";
import * as layerNorm from "../13-transformers/layer-norm.reference.ts";
import type { Calls, KernelCall, Uniform } from "./calls.ts";
import * as calls from "./calls.ts";
import * as indexing from "./calls-indexing.ts";
import * as optimizers from "./calls-optimizers.ts";
import * as training from "./calls-training.ts";

type Kernel = (...args: never[]) => void;

const FAMILIES = [
  arithmetic,
  compare,
  copy,
  elementwise,
  matmul,
  reduce,
  gather,
  indexSelect,
  scan,
  sort,
  triangle,
  piecewise,
  softmax,
  dropout,
  crossEntropy,
  adagrad,
  adam,
  clip,
  regularization,
  rmsprop,
  sgd,
  layerNorm,
];

/** All reference kernels by name. */
export const REFERENCES: Readonly<Record<string, Kernel>> = Object.assign({}, ...FAMILIES);

/** Kernels, or whole families of them (by file), that stay in TypeScript, with the reason. */
export const WITHOUT_SIMD: Readonly<Record<string, string>> = {
  cast: "converts between any two types; WebAssembly has float32 kernels only",
  "09-spatial/conv2d": "the loops that define a convolution; float32 computes the same in pieces",
  "01-tensor/ops/logic": "booleans are bytes; WebAssembly has float32 kernels only",
};

export interface KernelCase {
  readonly name: string;
  /** Allowed distance from the reference, computed in float64, in units of the last place. */
  readonly ulps: number;
  /** Why that much. */
  readonly reason: string;
  /**
   * Units are those of max(|truth|, floor). "absolute values": of what the reference gives for the absolute
   * values of the inputs, which is the scale of the terms that cancel in a sum. Without a floor the sign of zero
   * counts as well.
   */
  readonly floor?: number | "absolute values" | ((call: KernelCall) => number);
  readonly calls: Calls;
  /** Which of the arrays is room to work in: what is left there does not count. */
  readonly scratch?: number;
}

const float32 = (n: number) => new Float32Array(n);
const int32 = (n: number) => new Int32Array(n);
const uint8 = (n: number) => new Uint8Array(n);

const EXACT = "exact: no rounding";
const ROUNDED = "correctly rounded, as IEEE 754 requires";
const FITTED = "a fitted polynomial after range reduction, see simd-math.simd.ts";

function each(
  names: string,
  ulps: number,
  reason: string,
  make: Calls,
  floor?: KernelCase["floor"],
): KernelCase[] {
  return names.split(" ").map((name) => ({ name, ulps, reason, calls: make, ...(floor ? { floor } : {}) }));
}

const { numbersIn, anyNumbers } = calls;
const moderate = (random: Uniform, n: number) => numbersIn(random, n);
const positive = (random: Uniform, n: number) => numbersIn(random, n, 0.5, 1.5);
const logits = (random: Uniform, n: number) => numbersIn(random, n, -30, 30);
/** Positive, with a sum of about 1. */
const probabilities = (random: Uniform, n: number, cols: number) => numbersIn(random, n, 0, 2 / cols);
const logarithms = (random: Uniform, n: number) => numbersIn(random, n, -20, 0);
/** Few values, many ties, now and then NaN. */
const ties = (random: Uniform, n: number) =>
  numbersIn(random, n).map((x) => (random() < 0.002 ? NaN : Math.trunc(x * 2)));

/** As unary, and the floats next to every multiple of π/2 that is reduced in float32. */
function* waveCalls(random: Uniform): Iterable<KernelCall> {
  yield* calls.unaryCalls()(random);
  const x = float32(5 * 2100);
  const bits = new Int32Array(x.buffer);
  for (let i = 0; i < x.length; i++) {
    x[i] = (Math.floor(i / 5) + 1) * (Math.PI / 2);
    bits[i] += (i % 5) - 2;
  }
  yield [x, float32(x.length), 1, x.length, x.length, 1];
}

function* gradientCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of calls.LENGTHS) yield [numbersIn(random, n), numbersIn(random, n), float32(n), n];
  const x = calls.everyBinade(random, 100);
  yield [x, float32(x.length).fill(1), float32(x.length), x.length];
}

/** Calls of kernels (x, y, n). */
function* lineCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of calls.LENGTHS) yield [anyNumbers(random, n), float32(n), n];
  const x = calls.everyBinade(random, 100);
  yield [x, float32(x.length), x.length];
}

/** The same calls for each list of settings, which come last. */
const withSettings = (make: Calls, ...settings: readonly (readonly number[])[]): Calls =>
  function* (random) {
    for (const setting of settings) for (const call of make(random)) yield [...call, ...setting];
  };

/** Outputs of sigmoid and tanh, which is what their gradients start from. */
function* boundedGradientCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of [...calls.LENGTHS, 5000])
    yield [numbersIn(random, n, -1, 1), numbersIn(random, n), float32(n), n];
}

function* fillCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of calls.LENGTHS) yield [float32(n), n, Math.fround(random())];
}

function* addToCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of calls.LENGTHS) yield [anyNumbers(random, n), anyNumbers(random, n), n];
}

/** One row per kernel. */
export function kernelCases(): readonly KernelCase[] {
  const unary = calls.unaryCalls();
  return [
    ...each("add sub mul div", 0.5, ROUNDED, calls.binaryCalls(float32)),
    ...each("maximum minimum", 0, EXACT, calls.binaryCalls(float32)),
    ...each("pow", 1, "logarithm and exponential in float64", calls.binaryCalls(float32, 50_000)),
    ...each("eq ne lt le gt ge", 0, EXACT, calls.binaryCalls(uint8)),
    ...each("where", 0, EXACT, calls.whereCalls),
    ...each("neg abs sign relu floor ceil round", 0, EXACT, unary),
    ...each("square reciprocal sqrt", 0.5, ROUNDED, unary),
    ...each("rsqrt", 1.5, "two roundings: root and quotient", unary),
    ...each("exp", 1.05, FITTED, unary),
    ...each("log", 1, FITTED, unary),
    ...each("expm1 log1p erf", 2, FITTED, unary),
    ...each("sin cos", 2, FITTED, waveCalls),
    ...each("sigmoid", 3, `${FITTED}; then a sum and a quotient`, unary),
    ...each("silu", 3.5, `${FITTED}; then a sum, a product and a quotient`, unary),
    ...each("geluTanh", 4, `${FITTED}; then a sum, a product, a quotient and a difference`, unary),
    ...each("tanh", 3, `${FITTED}; then a sum and a quotient`, unary),
    ...each("gelu", 4, "five roundings around the fitted tail of the normal distribution", unary),
    ...each("clamp", 0, EXACT, calls.unaryCalls([-1.5, 2], 10)),
    ...each("reluGrad", 0, EXACT, gradientCalls),
    ...each("sigmoidGrad tanhGrad", 3, "three roundings", boundedGradientCalls),
    ...each(
      "geluGrad geluTanhGrad",
      6,
      "1 − tail near 0.5; the slope's zero at −0.75 cancels; times g",
      gradientCalls,
      0.5,
    ),
    ...each("leakyRelu", 0.5, ROUNDED, withSettings(lineCalls, [0.01171875], [0], [-2])),
    ...each("leakyReluGrad", 0.5, ROUNDED, withSettings(gradientCalls, [0.01171875], [0], [-2])),
    ...each("elu", 2.5, `${FITTED}; then a product`, withSettings(lineCalls, [1], [0.7109375], [-2])),
    ...each(
      "eluGrad",
      2.5,
      `${FITTED}; then two products`,
      withSettings(gradientCalls, [1], [0.7109375], [-2]),
    ),
    // Where β is no power of two, z = βx rounds, and e^z errs by |z| times as much.
    ...each(
      "softplus",
      4.5,
      "six roundings after the exponential",
      withSettings(lineCalls, [1, 20], [2, Infinity], [0.5, 3]),
    ),
    ...each(
      "softplusGrad",
      3,
      `${FITTED}; then a product`,
      withSettings(gradientCalls, [1, 20], [2, Infinity]),
    ),
    ...each("copy", 0, EXACT, calls.copyCalls),
    ...each("fill", 0, EXACT, fillCalls),
    ...each("addTo", 0.5, ROUNDED, addToCalls),
    ...each(
      "sum",
      8,
      "blocks of 128, then pairs",
      calls.reduceCalls(float32, moderate, 5000),
      "absolute values",
    ),
    ...each("prod", 1, "multiplied in float64", calls.reduceCalls(float32, positive, 300)),
    ...each("max min", 0, `${EXACT}, but −0 and 0 are equal`, calls.reduceCalls(float32, ties, 1000), 1),
    ...each("argmax argmin", 0, EXACT, calls.reduceCalls(int32, ties, 1000)),
    ...each("indexSelect", 0, EXACT, indexing.lookupCalls(false)),
    ...each("gather", 0, EXACT, indexing.lookupCalls(true)),
    ...each("indexAdd", 8, "40 terms added in sequence", indexing.additionCalls(false), "absolute values"),
    ...each("scatterAdd", 8, "40 terms added in sequence", indexing.additionCalls(true), "absolute values"),
    ...each(
      "cumsum",
      1,
      "summed in float64, rounded once",
      indexing.lineCalls(moderate, [0], [1]),
      "absolute values",
    ),
    ...each("flip", 0, EXACT, indexing.lineCalls(anyNumbers, [])),
    ...each("triangle", 0, EXACT, indexing.triangleCalls),
    ...each("argsort topk", 0, EXACT, indexing.sortCalls).map((row) => ({ ...row, scratch: 1 })),
    ...each("gemm", 8, "400 terms added in sequence, of random sign", calls.gemmCalls, "absolute values"),
    ...each(
      "softmax",
      8,
      "x − max rounds: an error of eˣ⁻ᵐᵃˣ where that is tiny",
      calls.rowCalls([logits]),
      1e-3,
    ),
    ...each(
      "logSoftmax",
      4,
      "logarithm of a sum of exponentials; the difference may cancel",
      calls.rowCalls([logits]),
      1,
    ),
    ...each(
      "softmaxGrad",
      4,
      "g − Σ g·y may cancel",
      calls.rowCalls([probabilities, moderate]),
      (call) => 8 / Number(call[4]),
    ),
    ...each("logSoftmaxGrad", 4, "Σ g may cancel", calls.rowCalls([logarithms, moderate]), (call) =>
      Number(call[4]),
    ),
    ...each("crossEntropy", 4, "logarithm of a sum of exponentials", training.crossEntropyCalls, 1),
    ...each("crossEntropyGrad", 4, "a probability minus one", training.crossEntropyGradCalls, 1),
    ...each("layerNorm", 3, "sums that cancel, a root, a quotient, two products", calls.layerNormCalls, 8),
    ...each(
      "layerNormGrad",
      4,
      "two sums that cancel",
      calls.layerNormGradCalls,
      ([, , stats]) => 32 * Math.max(...(stats as Float32Array).filter((_, i) => i % 3 === 2)),
    ),
    ...each(
      "layerNormGradWeight",
      8,
      "300 terms added in sequence, of random sign",
      calls.layerNormGradWeightCalls,
      ([, , , , rows]) => 8 * Math.sqrt(Number(rows)),
    ),
    ...each("dropoutMask", 0.5, "the mask is exact, 1/(1 − p) rounded", training.dropoutCalls),
    ...each("sgdPlain", 4, "sums of products, which may cancel", training.sgdPlainCalls, 4),
    ...each("sgd", 4, "sums of products, which may cancel", training.sgdCalls, 4),
    ...each("adam", 4, "sums of products, which may cancel", training.adamCalls, 4),
    ...each("amsgrad", 4, "sums of products, which may cancel", optimizers.amsgradCalls, 4),
    ...each("rmsprop", 4, "sums of products, which may cancel", optimizers.rmspropCalls, 4),
    ...each("adagrad", 4, "sums of products, which may cancel", optimizers.adagradCalls, 4),
    ...each("addPenalty", 4, "sums of products, which may cancel", optimizers.addPenaltyCalls, 4),
    ...each("norm2", 1, "summed in double precision, rounded once", optimizers.norm2Calls),
    ...each("scaleBy", 1.5, "the factor is rounded, then the product", optimizers.scaleByCalls),
    ...each("clampTo", 0, EXACT, optimizers.clampToCalls),
  ];
}
