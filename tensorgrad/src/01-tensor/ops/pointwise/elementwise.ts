import { expectArgument, kernels } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { float, node } from "../../onnx-words.ts";
import { eachPlane } from "../../planes.ts";
import type { Tensor } from "../../tensor.ts";
import { atanSeries } from "./angles.ts";
import * as reference from "./elementwise.reference.ts";
import * as split from "./elementwise.split.ts";
import { type UnaryRow, unaryFunction } from "./unary.ts";

const kernel = kernels(reference, split);

type Name = Exclude<keyof typeof kernel, "clamp" | `${string}Grad`>;

interface Row extends Omit<UnaryRow, "fused"> {
  /** A kernel that does the whole rule in one pass, from x or y; used while no graph of gradients is recorded. */
  readonly fused?: readonly [kernel: Extract<keyof typeof kernel, `${string}Grad`>, saved: "x" | "y"];
}

const one = float(1);
const input = 0;

/** A Function class for one row of the table. */
const unary = (name: Name, { fused, ...row }: Row) =>
  unaryFunction(name, kernel[name], fused ? { ...row, fused: [kernel[fused[0]], fused[1]] } : row);

const signs = (x: Tensor) => x.sign().data;

// ————————————————————————————————————————————————————————————————————————————— signs, powers, roots

/** −x. Gradient: −g. */
export const Neg = unary("neg", { rule: (g) => g.neg(), onnx: node("Neg") });
/** |x|. Gradient: g·sign(x), 0 at 0. */
export const Abs = unary("abs", {
  rule: (g, x) => g.mul(x.sign()),
  onnx: node("Abs"),
  signature: signs,
});
/** x². Gradient: 2·g·x. */
export const Square = unary("square", {
  rule: (g, x) => g.mul(x).mul(2),
  onnx: node("Mul", {}, [input, input]),
});
/** 1/x. Gradient: −g/x². */
export const Reciprocal = unary("reciprocal", {
  rule: (g, _, y) => g.mul(y.square()).neg(),
  onnx: node("Reciprocal"),
});
/** √x. Gradient: g/(2·√x). */
export const Sqrt = unary("sqrt", {
  rule: (g, _, y) => g.div(y.mul(2)),
  onnx: node("Sqrt"),
});
/** 1/√x. Gradient: −g/(2·x·√x). */
export const Rsqrt = unary("rsqrt", {
  rule: (g, x, y) => g.mul(y).div(x).mul(-0.5),
  onnx: node("Reciprocal", {}, [node("Sqrt")]),
});

// ——————————————————————————————————————————————————————————————————————————— exponential, logarithm

/** eˣ. Gradient: g·eˣ. */
export const Exp = unary("exp", {
  rule: (g, _, y) => g.mul(y),
  onnx: node("Exp"),
});
/** In ONNX, which has no expm1: 2t/(1 − t) with t = tanh(x/2) near 0, where eˣ − 1 would cancel. */
const halfTanh = node("Tanh", {}, [node("Mul", {}, [input, float(0.5)])]);
/** eˣ − 1, exact for small x. Gradient: g·eˣ. */
export const Expm1 = unary("expm1", {
  rule: (g, _, y) => g.mul(y.add(1)),
  onnx: node("Where", {}, [
    node("Less", {}, [node("Abs"), float(0.5)]),
    node("Div", {}, [node("Mul", {}, [float(2), halfTanh]), node("Sub", {}, [one, halfTanh])]),
    node("Sub", {}, [node("Exp"), one]),
  ]),
});
/** The natural logarithm. Gradient: g/x. */
export const Log = unary("log", {
  rule: (g, x) => g.div(x),
  onnx: node("Log"),
});
/** ln(1 + x), exact for small x. Gradient: g/(1 + x). */
export const Log1p = unary("log1p", {
  rule: (g, x) => g.div(x.add(1)),
  onnx: node("Log", {}, [node("Add", {}, [input, one])]),
});

// ———————————————————————————————————————————————————————————————————————————————————————————— waves

/** The sine. Gradient: g·cos x. */
export const Sin = unary("sin", {
  rule: (g, x) => g.mul(x.cos()),
  onnx: node("Sin"),
});
/** The cosine. Gradient: −g·sin x. */
export const Cos = unary("cos", {
  rule: (g, x) => g.mul(x.sin()).neg(),
  onnx: node("Cos"),
});

/** The angle whose tangent is x, between −π/2 and π/2. */
export const Atan = unary("atan", {
  rule: (g, x) => g.div(x.square().add(1)),
  onnx: { ...node("Atan"), float64: () => atanSeries(input) },
});

// ————————————————————————————————————————————————————————————————————————————————————————————— steps

/** −1, 0 or 1. Gradient: 0. */
export const Sign = unary("sign", {
  rule: null,
  onnx: node("Sign"),
  signature: signs,
});
/** The largest integer not above x. Gradient: 0. */
export const Floor = unary("floor", {
  rule: null,
  onnx: node("Floor"),
  signature: (x) => x.floor().data,
});
/** The smallest integer not below x. Gradient: 0. */
export const Ceil = unary("ceil", {
  rule: null,
  onnx: node("Ceil"),
  signature: (x) => x.ceil().data,
});
/** The nearest integer; halves go to the even one. Gradient: 0. */
export const Round = unary("round", {
  rule: null,
  onnx: node("Round"),
  signature: (x) => x.round().data,
});

// ————————————————————————————————————————————————————————————————————————————————— activations of neurons

/** relu′(0) = 0 (LeCun, Bengio & Hinton 2015 leave it open; PyTorch and TensorFlow take 0). */
export const Relu = unary("relu", {
  rule: (g, x) => x.gt(0).where(g, 0),
  onnx: node("Relu"),
  signature: (x) => x.gt(0).data,
  fused: ["reluGrad", "x"],
});
/** σ(x) = 1/(1 + e⁻ˣ). Gradient: g·σ(x)·(1 − σ(x)). */
export const Sigmoid = unary("sigmoid", {
  rule: (g, _, y) => g.mul(y).mul(y.neg().add(1)),
  onnx: node("Sigmoid"),
  fused: ["sigmoidGrad", "y"],
});
/** The hyperbolic tangent. Gradient: g·(1 − tanh² x). */
export const Tanh = unary("tanh", {
  rule: (g, _, y) => g.mul(y.square().neg().add(1)),
  onnx: node("Tanh"),
  fused: ["tanhGrad", "y"],
});
/** Beyond ±1000 the following are straight lines, to the last bit. So ∞, which times 0 would be NaN, need not enter a rule. */
const near = (x: Tensor): Tensor => x.clamp(-1000, 1000);

/** silu(x) = x·σ(x) */
export const Silu = unary("silu", {
  rule: (g, far) => {
    const x = near(far);
    const s = x.sigmoid();
    return g.mul(s).mul(x.mul(s.neg().add(1)).add(1));
  },
  onnx: node("Mul", {}, [input, node("Sigmoid")]),
});
/** erf(x) = 2/√π ∫₀ˣ e^(−t²) dt */
export const Erf = unary("erf", {
  rule: (g, x) => g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI)),
  onnx: node("Erf"),
});
/** gelu(x) = x·Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016) */
export const Gelu = unary("gelu", {
  rule: (g, far) => {
    const x = near(far);
    const below = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
    const density = x
      .square()
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI));
    return g.mul(below.add(x.mul(density)));
  },
  onnx: node("Gelu"),
  fused: ["geluGrad", "x"],
});
/** gelu with Φ(x) ≈ (1 + tanh u)/2, u = √(2/π)·(x + 0.044715·x³): the form of GPT-2 */
export const GeluTanh = unary("geluTanh", {
  rule: (g, far) => {
    const x = near(far);
    const t = x
      .add(x.pow(3).mul(0.044715))
      .mul(Math.sqrt(2 / Math.PI))
      .tanh();
    const slope = x
      .square()
      .mul(3 * 0.044715)
      .add(1)
      .mul(Math.sqrt(2 / Math.PI));
    const curved = x.mul(t.square().neg().add(1)).mul(slope);
    return g.mul(t.add(1).add(curved).mul(0.5));
  },
  onnx: node("Gelu", { approximate: "tanh" }),
  fused: ["geluTanhGrad", "x"],
});

// ————————————————————————————————————————————————————————————————————————————————————————————— clamp

/** The gradient passes inside the bounds and at them. */
export class Clamp extends Function {
  #x!: Tensor;
  readonly low: number;
  readonly high: number;
  constructor(low: number, high: number) {
    super();
    for (const [name, bound] of Object.entries({ low, high }))
      expectArgument(typeof bound === "number", "clamp", name, bound, "a number");
    if (Number.isNaN(low) || Number.isNaN(high))
      throw new RangeError(`clamp: from ${low} to ${high} — bounds are numbers; an end left out stays open`);
    [this.low, this.high] = [low, high];
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    const y = x.newLike();
    eachPlane(y.shape, [x, y], ([x, y], rows, cols, [xRow, xCol]) =>
      kernel.clamp(x, y, rows, cols, xRow, xCol, this.low, this.high),
    );
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => this.#x.lt(this.low).where(0, this.#x.gt(this.high).where(0, g))];
  }
  override onnx() {
    return node("Clip", {}, [0, float(this.low), float(this.high)]);
  }
  override signature() {
    const [below, above] = [this.#x.lt(this.low), this.#x.gt(this.high)];
    return below.to("int32").sub(above.to("int32")).data;
  }
}
