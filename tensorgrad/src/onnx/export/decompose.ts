import {
  float,
  int64s,
  node,
  type OnnxConstant,
  type OnnxNode,
  type OnnxOperand,
} from "../../01-tensor/index.ts";

/** Says an operator in others; null for one that stays. */
export type Rewrite = (tree: OnnxNode) => OnnxNode | null;

/** `float64`: for engines like ONNX Runtime on a CPU, where some operators are missing in float64 or run in float32. */
export type Decomposition = "float64";

const unary = (tree: OnnxNode): OnnxOperand => (tree.inputs ? tree.inputs[0] : 0);
/** An attribute as a number of the operation's own dtype: attributes themselves are float32. */
const setting = ({ attributes: { alpha } }: OnnxNode) => float((alpha as { readonly float: number }).float);

const rules: Readonly<Record<string, Rewrite>> = {
  Erf: (tree) => erf(unary(tree)),
  Elu: (tree) => positive(unary(tree), (x) => mul(setting(tree), expm1(node("Min", {}, [x, float(0)])))),
  LeakyRelu: (tree) => positive(unary(tree), (x) => mul(x, setting(tree))),
  Softplus: (tree) => softplus(unary(tree)),
  // As 1 − σ(−x), which is what some engines compute below 0, all digits of a small result are lost.
  Sigmoid: (tree) => node("Div", {}, [float(1), add(float(1), exp(node("Neg", {}, [unary(tree)])))]),
  Gelu: (tree) => (tree.attributes.approximate === "tanh" ? geluTanh(unary(tree)) : gelu(unary(tree))),
};

export const decompositions: Readonly<Record<Decomposition, Rewrite>> = {
  float64: (tree) => tree.float64?.() ?? rules[tree.op]?.(tree) ?? null,
};

/** x where it is positive, else another function of it. */
const positive = (x: OnnxOperand, below: (x: OnnxOperand) => OnnxNode): OnnxNode =>
  node("Where", {}, [node("Greater", {}, [x, float(0)]), x, below(x)]);

/** eˣ − 1 as 2t/(1 − t), t = tanh(x/2): nothing cancels near 0. */
function expm1(x: OnnxOperand): OnnxNode {
  const t = node("Tanh", {}, [mul(x, float(0.5))]);
  return node("Div", {}, [add(t, t), node("Sub", {}, [float(1), t])]);
}

/** max(x, 0) + ln(1 + e^−|x|) */
function softplus(x: OnnxOperand): OnnxNode {
  const e = exp(node("Neg", {}, [node("Abs", {}, [x])]));
  return add(node("Max", {}, [x, float(0)]), node("Log", {}, [add(float(1), e)]));
}

const exp = (x: OnnxOperand) => node("Exp", {}, [x]);
const add = (a: OnnxOperand, b: OnnxOperand) => node("Add", {}, [a, b]);
const mul = (a: OnnxOperand, b: OnnxOperand) => node("Mul", {}, [a, b]);

/** Beyond ±6, erf is ±1 in float64; up to there the terms below fall under 2⁻⁵³ of the sum. */
const bound = 6;
const terms = 160;

/**
 * erf(x) = 2/√π·x·e^(−x²)·Σ_n (2x²)ⁿ/(1·3·5·…·(2n + 1)): all terms are positive, so nothing cancels, and the sum is one
 * matrix product. The error stays below 1e-14.
 *
 * Source    Abramowitz & Stegun 1964, 7.1.6
 */
function erf(given: OnnxOperand): OnnxNode {
  const x = node("Clip", {}, [given, float(-bound), float(bound)]);
  const square = mul(x, x);
  const powers = node("Pow", {}, [
    node("Unsqueeze", {}, [add(square, square), int64s(-1)]),
    list(Array.from({ length: terms }, (_, n) => n)),
  ]);
  let coefficient = 1;
  const coefficients = Array.from({ length: terms }, (_, n) => (coefficient /= 2 * n + 1));
  const series = node("MatMul", {}, [powers, list(coefficients)]);
  return mul(mul(mul(x, float(2 / Math.sqrt(Math.PI))), exp(node("Neg", {}, [square]))), series);
}

const list = (data: readonly number[]): OnnxConstant => ({ dtype: "float", shape: [data.length], data });

/** x·Φ(x) */
const gelu = (x: OnnxOperand): OnnxNode =>
  mul(mul(x, float(0.5)), add(erf(mul(x, float(Math.SQRT1_2))), float(1)));

/** x·(1 + tanh u)/2, u = √(2/π)·(x + 0.044715·x³) */
function geluTanh(x: OnnxOperand): OnnxNode {
  const cube = mul(mul(mul(x, x), x), float(0.044715));
  const u = mul(add(x, cube), float(Math.sqrt(2 / Math.PI)));
  return mul(mul(x, float(0.5)), add(node("Tanh", {}, [u]), float(1)));
}
