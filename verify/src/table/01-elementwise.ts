import { tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { arithmetic, type Case, exact, transcendental, unary, zipped } from "./case.ts";
import { anywhere, awayFrom, between, bits, offGrid, offSteps, positive } from "./domains.ts";

const notZero = awayFrom(0);
/** Bends at 0 but may come near it: finite differences step around the kink. */
const nearZero = awayFrom(0, 1 / 256);
/** Piecewise constant: the gradient is zero wherever there is one. */
const step = { order: 1, onnx: exact } as const;
/** True or false, or a position: nothing flows back. */
const noGradient = { order: 0, onnx: exact } as const;
/** x·(1 + erf …)/2 for negative x: ONNX Runtime loses digits where 1 and erf cancel; our kernels have a bound of their own. */
const cancelling = {
  ulps: 2048,
  why: "ONNX Runtime cancels 1 against erf or tanh for negative x; ours stays within 4 ULP",
} as const;
const linear = { linear: "jointly" } as const;
const moves = { linear: "jointly", onnx: exact } as const;

export const arithmetics: Case[] = [
  zipped("add", [anywhere, anywhere], [ops.Add], (a, b) => a.add(b), linear),
  zipped("sub", [anywhere, anywhere], [ops.Sub], (a, b) => a.sub(b), linear),
  zipped("mul", [anywhere, anywhere], [ops.Mul], (a, b) => a.mul(b), { linear: "each" }),
  zipped("div", [anywhere, notZero], [ops.Div], (a, b) => a.div(b)),
  zipped("pow", [positive, between(-2, 2)], [ops.Pow], (a, b) => a.pow(b), { onnx: transcendental }),
  zipped("maximum", [anywhere, offGrid], [ops.Maximum], (a, b) => a.maximum(b), { onnx: exact }),
  zipped("minimum", [anywhere, offGrid], [ops.Minimum], (a, b) => a.minimum(b), { onnx: exact }),
  zipped("where", [bits, anywhere, anywhere], [ops.Where], (c, a, b) => c.where(a, b), moves),
  zipped("eq", [anywhere, anywhere], [ops.Eq], (a, b) => a.eq(b), noGradient),
  zipped("ne", [anywhere, anywhere], [ops.Ne], (a, b) => a.ne(b), noGradient),
  zipped("lt", [anywhere, anywhere], [ops.Lt], (a, b) => a.lt(b), noGradient),
  zipped("le", [anywhere, anywhere], [ops.Le], (a, b) => a.le(b), noGradient),
  zipped("gt", [anywhere, anywhere], [ops.Gt], (a, b) => a.gt(b), noGradient),
  zipped("ge", [anywhere, anywhere], [ops.Ge], (a, b) => a.ge(b), noGradient),
  zipped("logicalAnd", [bits, bits], [ops.LogicalAnd], (a, b) => a.logicalAnd(b), noGradient),
  zipped("logicalOr", [bits, bits], [ops.LogicalOr], (a, b) => a.logicalOr(b), noGradient),
  zipped("logicalXor", [bits, bits], [ops.LogicalXor], (a, b) => a.logicalXor(b), noGradient),
  unary("logicalNot", bits, [ops.LogicalNot], (x) => x.logicalNot(), noGradient),
];

export const elementwise: Case[] = [
  unary("neg", anywhere, [ops.Neg], (x) => x.neg(), moves),
  unary("abs", nearZero, [ops.Abs], (x) => x.abs(), { onnx: exact }),
  unary("square", anywhere, [ops.Square], (x) => x.square(), { onnx: arithmetic }),
  unary("reciprocal", notZero, [ops.Reciprocal], (x) => x.reciprocal(), { onnx: arithmetic }),
  unary("sqrt", positive, [ops.Sqrt], (x) => x.sqrt(), { onnx: arithmetic }),
  unary("rsqrt", positive, [ops.Rsqrt], (x) => x.rsqrt(), { onnx: arithmetic }),
  unary("exp", anywhere, [ops.Exp], (x) => x.exp()),
  unary("expm1", anywhere, [ops.Expm1], (x) => x.expm1()),
  unary("log", positive, [ops.Log], (x) => x.log()),
  unary("log1p", between(-3 / 4, 3), [ops.Log1p], (x) => x.log1p()),
  unary("sin", anywhere, [ops.Sin], (x) => x.sin()),
  unary("cos", anywhere, [ops.Cos], (x) => x.cos()),
  unary("sign", nearZero, [ops.Sign], (x) => x.sign(), step),
  unary("floor", offSteps, [ops.Floor], (x) => x.floor(), step),
  unary("ceil", offSteps, [ops.Ceil], (x) => x.ceil(), step),
  unary("round", offSteps, [ops.Round], (x) => x.round(), step),
  unary("relu", nearZero, [ops.Relu, nn.ReLU], (x) => new nn.ReLU().forward(x), { onnx: exact }),
  unary("sigmoid", anywhere, [ops.Sigmoid, nn.Sigmoid], (x) => new nn.Sigmoid().forward(x)),
  unary("tanh", anywhere, [ops.Tanh, nn.Tanh], (x) => new nn.Tanh().forward(x)),
  unary("silu", anywhere, [ops.Silu, nn.SiLU], (x) => new nn.SiLU().forward(x)),
  unary("erf", anywhere, [ops.Erf], (x) => x.erf()),
  unary("gelu", anywhere, [ops.Gelu, nn.GELU], (x) => new nn.GELU().forward(x), { onnx: cancelling }),
  unary("geluTanh", anywhere, [ops.GeluTanh], (x) => new nn.GELU({ approximate: "tanh" }).forward(x), {
    onnx: cancelling,
  }),
  unary("clamp", offGrid, [ops.Clamp], (x) => x.clamp(-1, 1.5), { onnx: exact }),
  unary("detach", anywhere, [ops.Detach], (x) => x.detach(), noGradient),
  unary("to", anywhere, [ops.Cast], (x) => x.to("float32").to("float64"), {
    ...moves,
    noDifferences: "float32 rounds the steps away",
  }),
];
