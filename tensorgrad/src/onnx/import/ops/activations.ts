import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { logSoftmax, softmax, softplus } from "../../../02-activations/index.ts";
import { float, int, text } from "../attributes.ts";
import { map, zip } from "../host/elementwise.ts";
import { type Family, op } from "../operator.ts";
import { arrayIn, dimIn, floatOf, hostOf, numberIn, type Value } from "../values.ts";

const activation = (since: number, fn: (x: Tensor) => Tensor) => op(since, "X", {}, ([x]) => fn(floatOf(x)));

/** Before opset 13 all dims from the axis on are one. */
const flattened =
  (fn: (x: Tensor, dim: number) => Tensor) =>
  (x: Tensor, axis: number): Tensor => {
    const dim = dimIn(axis, x.rank);
    const rows = x.shape.slice(0, dim).reduce((n, size) => n * size, 1);
    return fn(x.reshape([rows, rows ? x.size / rows : 0]), 1).reshape(x.shape);
  };

const normalized = (fn: (x: Tensor, dim: number) => Tensor) => [
  op(1, "input", { axis: int(1) }, ([x], { axis }) => flattened(fn)(floatOf(x), axis)),
  op(13, "input", { axis: int(-1) }, ([x], { axis }) => fn(floatOf(x), axis)),
];

/** 1 at the first of the largest elements along a dim, else 0. */
function hardmax(x: Tensor, dim: number): Tensor {
  const d = dimIn(dim, x.rank);
  const best = x.argmax(d, { keepDim: true });
  const places = x.newFrom(
    Array.from({ length: x.shape[d] }, (_, i) => i),
    x.shape.map((n, i) => (i === d ? n : 1)),
    "int32",
  );
  return places.eq(best).to(x.dtype);
}

export const elu = (x: Tensor, alpha: number): Tensor => x.relu().add(x.minimum(0).expm1().mul(alpha));
export const hardSigmoid = (x: Tensor, alpha: number, beta: number): Tensor =>
  x.mul(alpha).add(beta).clamp(0, 1);

/** Bounds that are known are numbers; others are tensors of one element. */
function clip(value: Value, low: Value, high: Value): Value {
  const x = arrayIn(value);
  if (!isTensor(x)) {
    const above = low ? zip(x, hostOf(low), (a, b) => (a < b ? b : a)) : x;
    return high ? zip(above, hostOf(high), (a, b) => (a > b ? b : a)) : above;
  }
  const isKnown = [low, high].every((bound) => !bound || !isTensor(arrayIn(bound)));
  if (isKnown) return x.clamp(low ? numberIn(low) : -Infinity, high ? numberIn(high) : Infinity);
  const above = low ? x.maximum(floatOf(low, x)) : x;
  return high ? above.minimum(floatOf(high, x)) : above;
}

const softness = (x: Tensor, bias: number, lambda: number): Tensor => {
  const above = x.gt(lambda).where(x.sub(bias), 0);
  return above.add(x.lt(-lambda).where(x.add(bias), 0));
};

/** Activations, and what bends or bounds numbers. */
export const activations: Family = {
  Relu: [
    op(6, "X", {}, ([value]) => {
      const x = arrayIn(value);
      return isTensor(x) ? x.relu() : map(x, (v) => (v < 0 ? 0 : v));
    }),
  ],
  Sigmoid: [activation(6, (x) => x.sigmoid())],
  Tanh: [activation(6, (x) => x.tanh())],
  Softplus: [activation(1, (x) => softplus(x))],
  Softsign: [activation(1, (x) => x.div(x.abs().add(1)))],
  LeakyRelu: [
    op(6, "X", { alpha: float(0.01) }, ([x], { alpha }) => {
      const t = floatOf(x);
      return t.relu().add(t.minimum(0).mul(alpha));
    }),
  ],
  PRelu: [
    op(7, "X slope", {}, ([x, slope]) => {
      const t = floatOf(x);
      return t.relu().add(t.minimum(0).mul(floatOf(slope, t)));
    }),
  ],
  Elu: [op(6, "X", { alpha: float(1) }, ([x], { alpha }) => elu(floatOf(x), alpha))],
  Celu: [
    op(12, "X", { alpha: float(1) }, ([x], { alpha }) => {
      const t = floatOf(x);
      return t.relu().add(t.minimum(0).div(alpha).expm1().mul(alpha));
    }),
  ],
  Selu: [
    op(6, "X", { alpha: float(1.6732632), gamma: float(1.0507009) }, ([x], { alpha, gamma }) =>
      elu(floatOf(x), alpha).mul(gamma),
    ),
  ],
  ThresholdedRelu: [
    op(10, "X", { alpha: float(1) }, ([x], { alpha }) => {
      const t = floatOf(x);
      return t.gt(alpha).where(t, 0);
    }),
  ],
  HardSigmoid: [
    op(6, "X", { alpha: float(0.2), beta: float(0.5) }, ([x], { alpha, beta }) =>
      hardSigmoid(floatOf(x), alpha, beta),
    ),
  ],
  HardSwish: [
    op(14, "X", {}, ([x]) => {
      const t = floatOf(x);
      return t.mul(hardSigmoid(t, 1 / 6, 0.5));
    }),
  ],
  Mish: [op(18, "X", {}, ([x]) => floatOf(x).mul(softplus(floatOf(x)).tanh()))],
  Swish: [
    op(24, "X", { alpha: float(1) }, ([x], { alpha }) => {
      const t = floatOf(x);
      return t.mul(t.mul(alpha).sigmoid());
    }),
  ],
  Gelu: [
    op(20, "X", { approximate: text("none") }, ([x], { approximate }) =>
      floatOf(x).gelu({ approximate: approximate === "tanh" ? "tanh" : "none" }),
    ),
  ],
  Shrink: [
    op(9, "input", { bias: float(0), lambd: float(0.5) }, ([x], { bias, lambd }) =>
      softness(floatOf(x), bias, lambd),
    ),
  ],
  Clip: [
    op(6, "input", { min: float(), max: float() }, ([x], { min, max }) =>
      floatOf(x).clamp(min ?? -Infinity, max ?? Infinity),
    ),
    op(11, "input min?= max?=", {}, ([x, low, high]) => clip(x, low, high)),
  ],
  Softmax: normalized((x, dim) => softmax(x, dim)),
  LogSoftmax: normalized((x, dim) => logSoftmax(x, dim)),
  Hardmax: normalized(hardmax),
};
