import { kernels } from "../../../00-runtime/index.ts";
import { float, node, type OnnxNode } from "../../onnx-words.ts";
import { acosSeries, asinSeries } from "./angles.ts";
import * as reference from "./transcendental.reference.ts";
import * as split from "./transcendental.split.ts";
import { type UnaryRow, unaryFunction } from "./unary.ts";

const kernel = kernels(reference, split);

const unary = (name: keyof typeof kernel, row: UnaryRow) => unaryFunction(name, kernel[name], row);

// ———————————————————————————————————————————————————————————————————————————————————————————— angles

/** sin x/cos x. At odd multiples of π/2 there is a pole, which no float hits. */
export const Tan = unary("tan", {
  rule: (g, _, y) => g.mul(y.square().add(1)),
  onnx: { ...node("Tan"), float64: () => node("Div", {}, [node("Sin"), node("Cos")]) },
});
/** The angle between −π/2 and π/2 whose sine is x; NaN beyond ±1. At ±1 its slope is ∞. */
export const Asin = unary("asin", {
  rule: (g, x) => g.mul(x.neg().add(1).mul(x.add(1)).rsqrt()),
  onnx: { ...node("Asin"), float64: () => asinSeries(0) },
});
/** The angle between 0 and π whose cosine is x; NaN beyond ±1. At ±1 its slope is −∞. */
export const Acos = unary("acos", {
  rule: (g, x) => g.mul(x.neg().add(1).mul(x.add(1)).rsqrt()).neg(),
  onnx: { ...node("Acos"), float64: () => acosSeries(0) },
});

// ———————————————————————————————————————————————————————————————————————————————————————— hyperbolic

/** (eˣ ∓ e⁻ˣ)/2 */
const halfOf = (op: "Sub" | "Add"): OnnxNode =>
  node("Mul", {}, [node(op, {}, [node("Exp"), node("Exp", {}, [node("Neg")])]), float(0.5)]);

/** In float64: 2t/(1 − t²) with t = tanh(x/2) near 0, where eˣ − e⁻ˣ would cancel. */
function sinhNode(): OnnxNode {
  const t = node("Tanh", {}, [node("Mul", {}, [0, float(0.5)])]);
  const below = node("Sub", {}, [float(1), node("Mul", {}, [t, t])]);
  const near = node("Div", {}, [node("Mul", {}, [float(2), t]), below]);
  return node("Where", {}, [node("Less", {}, [node("Abs"), float(1)]), near, halfOf("Sub")]);
}

/** (eˣ − e⁻ˣ)/2, computed from eˣ − 1 */
export const Sinh = unary("sinh", {
  rule: (g, x) => g.mul(x.cosh()),
  onnx: { ...node("Sinh"), float64: sinhNode },
});
/** (eˣ + e⁻ˣ)/2 */
export const Cosh = unary("cosh", {
  rule: (g, x) => g.mul(x.sinh()),
  onnx: { ...node("Cosh"), float64: () => halfOf("Add") },
});

// ——————————————————————————————————————————————————————————————————————————————————— bases 2 and 10

const { LN2, LN10 } = Math;

/** 2ˣ */
export const Exp2 = unary("exp2", {
  rule: (g, _, y) => g.mul(y).mul(LN2),
  onnx: node("Pow", {}, [float(2), 0]),
});
/** log₂x, exact at powers of 2 */
export const Log2 = unary("log2", {
  rule: (g, x) => g.div(x.mul(LN2)),
  onnx: node("Div", {}, [node("Log"), float(LN2)]),
});
/** log₁₀x */
export const Log10 = unary("log10", {
  rule: (g, x) => g.div(x.mul(LN10)),
  onnx: node("Div", {}, [node("Log"), float(LN10)]),
});
