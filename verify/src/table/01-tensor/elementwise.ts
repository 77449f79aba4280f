import { tensors as ops } from "tensorgrad/functions";
import { inBackward, inForward, inUnary } from "../../mutants/plant.ts";
import { slopesAt, valueAt } from "../../references/reference.ts";
import { arithmetic, exact, unary } from "../builders.ts";
import type { Case } from "../case.ts";
import { anywhere, awayFrom, between, offGrid, offSteps, positive } from "../inputs/domains.ts";

const notZero = awayFrom(0);
/** Bends at 0 but may come near it: finite differences step around the kink. */
const nearZero = awayFrom(0, 1 / 256);
/** Piecewise constant: the gradient is zero wherever there is one. */
const step = { order: 1, onnx: exact } as const;
/** Nothing flows back. */
const noGradient = { order: 0, onnx: exact } as const;
const moves = { linear: "jointly", onnx: exact } as const;

export const title = "Element by element";

export const rows: readonly Case[] = [
  unary("neg", ["y = −x", "−g"], anywhere, [ops.Neg], (x) => x.neg(), {
    ...moves,
    faults: [
      inUnary("gradient passes unchanged", ops.Neg, (g) => g),
      inForward("strides ignored", ops.Neg, (right, [x]) =>
        x.newFrom(
          x.elements.slice(0, right.size).map((n) => -n),
          right.shape,
        ),
      ),
    ],
  }),
  unary("abs", ["y = |x|", "g·sign(x) — 0 at 0"], nearZero, [ops.Abs], (x) => x.abs(), {
    onnx: exact,
    reference: slopesAt((x) => x.abs(), [0, 1], [0, 1]),
    faults: [
      inBackward("slope 1 at 0", ops.Abs, ({ g, inputs: [x] }) => [x.ge(0).where(g, g.neg())], "reference"),
      inBackward(
        "slope 2 at 0",
        ops.Abs,
        ({ g, inputs: [x], gradients: [dx] }) => [dx && x.eq(0).where(g.mul(2), dx)],
        "reference",
      ),
      inUnary("gradient always +1", ops.Abs, (g) => g),
      inForward("input changed in place", ops.Abs, (right, [x]) => {
        if (x.size > 0) x.storage.view[x.offset] += 1;
        return right;
      }),
    ],
  }),
  unary("square", ["y = x²", "2·g·x"], anywhere, [ops.Square], (x) => x.square(), {
    onnx: arithmetic,
    faults: [inUnary("the 2 is missing", ops.Square, (_, right) => right.mul(0.5))],
  }),
  unary("reciprocal", ["y = 1/x", "−g·y²"], notZero, [ops.Reciprocal], (x) => x.reciprocal(), {
    onnx: arithmetic,
    faults: [
      inUnary("writes into the gradient that came in", ops.Reciprocal, (g, right) => {
        if (g.size > 0) g.storage.view[g.offset] += 1;
        return right;
      }),
    ],
  }),
  unary("sqrt", ["y = √x", "g/(2·y)"], positive, [ops.Sqrt], (x) => x.sqrt(), {
    onnx: arithmetic,
    faults: [inUnary("1/y instead of 1/(2y)", ops.Sqrt, (_, right) => right.mul(2))],
  }),
  unary("rsqrt", ["y = 1/√x", "−g·y³/2"], positive, [ops.Rsqrt], (x) => x.rsqrt(), {
    onnx: arithmetic,
    faults: [inUnary("a constant added to the gradient", ops.Rsqrt, (_, right) => right.add(1e-14))],
  }),
  unary("exp", ["y = eˣ", "g·y"], anywhere, [ops.Exp], (x) => x.exp(), {
    faults: [inUnary("x instead of eˣ", ops.Exp, (g, _, x) => g.mul(x))],
  }),
  unary("expm1", ["y = eˣ − 1", "g·(y + 1)"], anywhere, [ops.Expm1], (x) => x.expm1(), {
    faults: [inUnary("squared gradient", ops.Expm1, (g, right) => right.mul(g.abs()))],
  }),
  unary("log", ["y = ln x", "g/x"], positive, [ops.Log], (x) => x.log(), {
    faults: [inUnary("gradient in float32", ops.Log, (_, right) => right.to("float32"))],
  }),
  unary("log1p", ["y = ln(1 + x)", "g/(1 + x)"], between(-3 / 4, 3), [ops.Log1p], (x) => x.log1p(), {
    faults: [inUnary("1/x instead of 1/(1 + x)", ops.Log1p, (g, _, x) => g.div(x))],
  }),
  unary("sin", ["y = sin x", "g·cos x"], anywhere, [ops.Sin], (x) => x.sin(), {
    faults: [inUnary("gradient cut off from the graph", ops.Sin, (_, right) => right.detach())],
  }),
  unary("cos", ["y = cos x", "−g·sin x"], anywhere, [ops.Cos], (x) => x.cos(), {
    faults: [inUnary("sign forgotten", ops.Cos, (_, right) => right.neg())],
  }),
  unary("atan", ["y = atan x", "g/(1 + x²)"], anywhere, [ops.Atan], (x) => x.atan(), {
    reference: valueAt((x) => x.atan(), 1, 0.7853981633974483),
    faults: [
      inUnary("1 + |x| instead of 1 + x²", ops.Atan, (g, _, x) => g.div(x.abs().add(1))),
      inForward("in degrees", ops.Atan, (right) => right.mul(180 / Math.PI), "reference"),
    ],
  }),
  unary(
    "sign",
    ["y = −1 where x < 0, 1 where x > 0, else 0", "0"],
    nearZero,
    [ops.Sign],
    (x) => x.sign(),
    step,
  ),
  unary("floor", ["y = ⌊x⌋", "0"], offSteps, [ops.Floor], (x) => x.floor(), {
    ...step,
    faults: [inBackward("gradient passes straight through", ops.Floor, ({ g }) => [g])],
  }),
  unary("ceil", ["y = ⌈x⌉", "0"], offSteps, [ops.Ceil], (x) => x.ceil(), step),
  unary(
    "round",
    ["y = round x — the nearest whole number, the even one from halfway", "0"],
    offSteps,
    [ops.Round],
    (x) => x.round(),
    step,
  ),
  unary("erf", ["y = erf x — 2/√π · ∫₀ˣ e^(−t²) dt", "g·2/√π·e^(−x²)"], anywhere, [ops.Erf], (x) => x.erf(), {
    reference: valueAt((x) => x.erf(), 1, 0.8427007929497149),
    faults: [inUnary("2/√π is 2/π", ops.Erf, (_, right) => right.mul(1 / Math.sqrt(Math.PI)))],
  }),
  unary(
    "clamp",
    ["y = min(max(x, −1), 1.5)", "g where (−1 ≤ x) ∧ (x ≤ 1.5), else 0"],
    offGrid,
    [ops.Clamp],
    (x) => x.clamp(-1, 1.5),
    {
      onnx: exact,
      reference: slopesAt((x) => x.clamp(-1, 1), [-1, 0, 1, 2], [1, 1, 1, 0]),
      faults: [
        inBackward(
          "nothing passes at the bounds",
          ops.Clamp,
          ({ g, gradients: [dx], inputs: [x] }) => [dx && x.abs().eq(1).where(g.mul(0), dx)],
          "reference",
        ),
        inUnary("gradient passes outside", ops.Clamp, (g) => g),
      ],
    },
  ),
  unary(
    "detach",
    ["y = x — cut off from the graph", null],
    anywhere,
    [ops.Detach],
    (x) => x.detach(),
    noGradient,
  ),
  unary(
    "to",
    ["y = x — in another dtype", "g — in the dtype of x"],
    anywhere,
    [ops.Cast],
    (x) => x.to("float32").to("float64"),
    {
      ...moves,
      noDifferences: "float32 rounds the steps away",
      faults: [inUnary("gradient rounded to whole numbers", ops.Cast, (_, right) => right.round())],
    },
  ),
];
