import { cat, type Tensor } from "tensorgrad";
import { activations, layers, losses, tensors as ops, transformers } from "tensorgrad/functions";
import { isRecording } from "tensorgrad/runtime";
import type { Mutant } from "./mutant.ts";
import { inBackward, inForward, inUnary } from "./plant.ts";

/** Faults in single operations: the ones people make, and small ones that only a sharp checker sees. */
export const functionMutants: readonly Mutant[] = [
  // ————— wrong factors
  inUnary("tanh: gradient off by a factor 1 + 1e-4", ops.Tanh, "tanh", (_, right) => right.mul(1 + 1e-4)),
  inUnary("tanh: gradient off by a factor 1 + 1e-8", ops.Tanh, "tanh", (_, right) => right.mul(1 + 1e-8)),
  inUnary("sigmoid: y instead of y·(1 − y)", ops.Sigmoid, "sigmoid", (g, _, x) => g.mul(x.sigmoid())),
  inUnary("square: the 2 is missing", ops.Square, "square", (_, right) => right.mul(0.5)),
  inUnary("sqrt: 1/y instead of 1/(2y)", ops.Sqrt, "sqrt", (_, right) => right.mul(2)),
  inUnary("exp: x instead of eˣ", ops.Exp, "exp", (g, _, x) => g.mul(x)),
  inUnary("log1p: 1/x instead of 1/(1 + x)", ops.Log1p, "log1p", (g, _, x) => g.div(x)),
  inUnary("gelu: density term forgotten", ops.Gelu, "gelu", (g, _, x) =>
    g.mul(x.mul(Math.SQRT1_2).erf().add(1).mul(0.5)),
  ),
  inUnary("silu: x·σ′ forgotten", ops.Silu, "silu", (g, _, x) => g.mul(x.sigmoid())),
  inUnary("erf: 2/√π is 2/π", ops.Erf, "erf", (_, right) => right.mul(1 / Math.sqrt(Math.PI))),

  // ————— wrong signs and sides
  inUnary("cos: sign forgotten", ops.Cos, "cos", (_, right) => right.neg()),
  inUnary("neg: gradient passes unchanged", ops.Neg, "neg", (g) => g),
  inUnary("relu: gradient leaks on the negative side", ops.Relu, "relu", (g, right, x) =>
    x.lt(0).where(g.mul(0.01), right),
  ),
  inUnary("clamp: gradient passes outside", ops.Clamp, "clamp", (g) => g),
  inUnary("abs: gradient always +1", ops.Abs, "abs", (g) => g),
  inBackward("sub: second gradient without its sign", ops.Sub, "sub", ({ g }) => [g, g]),
  inBackward("where: branches swapped", ops.Where, "where", ({ gradients: [c, a, b] }) => [c, b, a]),
  inBackward("maximum: all to the left", ops.Maximum, "maximum", ({ g }) => [g, g.mul(0)]),

  // ————— products, quotients, powers
  inBackward("mul: gradients swapped", ops.Mul, "mul", ({ g, inputs: [a, b] }) => [g.mul(a), g.mul(b)]),
  inBackward("div: b instead of b² below", ops.Div, "div", ({ g, gradients: [da], inputs: [a, b] }) => [
    da,
    g.mul(a).div(b).neg(),
  ]),
  inBackward(
    "pow: exponent's gradient without the logarithm",
    ops.Pow,
    "pow",
    ({ g, gradients: [da], inputs: [a, b] }) => [da, g.mul(a.pow(b))],
  ),
  // Found in this library by these checks: right to the first order, a wrong second derivative where an exponent is 0.
  inBackward(
    "pow: masked where the exponent is 0",
    ops.Pow,
    "pow",
    ({ g, gradients: [, db], inputs: [a, b] }) => [b.eq(0).where(0, g.mul(b).mul(a.pow(b.sub(1)))), db],
  ),
  inBackward("pow: b − 1 forgotten", ops.Pow, "pow", ({ g, gradients: [, db], inputs: [a, b] }) => [
    g.mul(b).mul(a.pow(b)),
    db,
  ]),
  inBackward(
    "matmul: left gradient with b instead of bᵀ",
    ops.MatMul,
    "matmul",
    ({ g, gradients: [, db], inputs: [, b] }) => [g.matmul(b), db],
  ),
  inBackward("matmul: square gradient transposed", ops.MatMul, "matmul", ({ gradients: [da, db] }) => [
    da && da.shape.at(-1) === da.shape.at(-2) ? da.transpose(-1, -2) : da,
    db,
  ]),

  // ————— sums, choices
  inUnary("sum: gradient halved", ops.Sum, "sum", (_, right) => right.mul(0.5)),
  inUnary("max: to every element", ops.Max, "max", (g, _, x) => g.expand(x.shape)),
  inUnary("softmax: without the sum term", activations.SoftmaxRows, "softmax", (g, _, x) => {
    const e = x.exp();
    return g.mul(e.div(e.sum(-1, { keepDim: true })));
  }),
  inUnary("logSoftmax: without Σg", activations.LogSoftmaxRows, "logSoftmax", (g, _, x) => {
    const e = x.exp();
    return g.sub(e.div(e.sum(-1, { keepDim: true })));
  }),
  inBackward(
    "crossEntropy: 1/N forgotten",
    losses.CrossEntropyRows,
    "crossEntropy",
    ({ g, gradients: [dx] }) => [dx?.mul(g.size) ?? null, null],
  ),
  inBackward(
    "crossEntropy: target's −1 forgotten",
    losses.CrossEntropyRows,
    "crossEntropy",
    ({ g, inputs: [x] }) => {
      const e = x.exp();
      return [e.div(e.sum(-1, { keepDim: true })).mul(g.unsqueeze(1)), null];
    },
  ),
  inBackward(
    "LayerNorm: statistics taken for constants",
    transformers.LayerNormRows,
    "LayerNorm",
    ({ g, gradients: [dx, ...others], inputs: [x, w], operation }) => {
      const row = Array.from(
        { length: (operation as InstanceType<typeof transformers.LayerNormRows>).rank },
        (_, d) => -1 - d,
      );
      const scale = x
        .var(row, { keepDim: true, correction: 0 })
        .add((operation as InstanceType<typeof transformers.LayerNormRows>).eps)
        .rsqrt();
      return [dx && g.mul(w).mul(scale), ...others];
    },
  ),
  inBackward(
    "LayerNorm: weight's gradient from x itself",
    transformers.LayerNormRows,
    "LayerNorm",
    ({ g, gradients: [dx, dw, db], inputs: [x, w] }) => [
      dx,
      dw &&
        (x.rank === w.rank
          ? g.mul(x)
          : g
              .mul(x)
              .reshape(-1, ...w.shape)
              .sum(0)),
      db ?? null,
    ],
  ),
  inForward("LayerNorm: unbiased variance", transformers.LayerNormRows, "LayerNorm", (right, [, w]) =>
    w.size < 2 ? right : right.mul(Math.sqrt((w.size - 1) / w.size)),
  ),
  inBackward("Linear: bias gradient is a mean", layers.Affine, "Linear", ({ g, gradients: [dx, dw, db] }) => [
    dx,
    dw,
    ...(db === undefined ? [] : [db?.div(Math.max(1, g.shape[0])) ?? null]),
  ]),

  // ————— views
  inBackward("permute: order instead of its inverse", ops.Permute, "permute", ({ g, operation }) => [
    g.permute((operation as InstanceType<typeof ops.Permute>).dims),
  ]),
  inBackward("cat: first and last gradient swapped", ops.Cat, "cat", ({ gradients }) =>
    String(gradients[0]?.shape) === String(gradients.at(-1)?.shape) ? [...gradients].reverse() : gradients,
  ),
  inUnary("slice: put back one place too early", ops.Slice, "slice", (_, right) => roll(right)),

  // ————— by index, in order, along a line
  inUnary("cumsum: gradient runs the same way", ops.CumSum, "cumsum", (g, _, x) =>
    g.rank === 0 ? g : new ops.CumSum(x.rank - 1).apply(g),
  ),
  inUnary("flip: gradient not turned round", ops.Flip, "flip", (g) => g),
  inUnary("pad: gradient put back one place too early", ops.Pad, "pad", (_, right) => roll(right)),
  inUnary("tril: gradient passes above the diagonal", ops.Tril, "tril", (g) => g),
  inUnary("prod: divided by |x| + 1", ops.Prod, "prod", (_, right, x) => right.div(x.abs().add(1))),
  inUnary("amax: every winner gets all", ops.Amax, "amax", (g, _, x) => g.expand(x.shape)),
  inBackward(
    "indexSelect: an index named twice is counted once",
    ops.IndexSelect,
    "indexSelect",
    ({ gradients: [dx] }) => [dx?.clamp(-1, 1) ?? null, null],
  ),
  inBackward(
    "indexAdd: source's gradient from the wrong places",
    ops.IndexAdd,
    "indexAdd",
    ({ gradients: [dx, , ds] }) => [dx, null, ds && roll(ds)],
  ),
  inBackward("gather: gradient overwritten instead of added", ops.Gather, "gather", ({ gradients: [dx] }) => [
    dx?.clamp(-1, 1) ?? null,
    null,
  ]),
  inBackward(
    "scatterAdd: x's gradient forgets what was added",
    ops.ScatterAdd,
    "scatterAdd",
    ({ g, gradients: [, , ds] }) => [g.mul(0.5), null, ds],
  ),
  inBackward("expand: mean over the stretched dims", ops.Expand, "expand", ({ g, inputs: [x] }) => [
    g.mul(x.size / Math.max(1, g.size)),
  ]),
  inUnary("to: gradient rounded to whole numbers", ops.Cast, "to", (_, right) => right.round()),
  inUnary("clone: gradient scaled by 1 + 1e-9", ops.Clone, "clone", (_, right) => right.mul(1 + 1e-9)),
  inUnary("reshape: elements in reverse", ops.Reshape, "reshape", (_, right) =>
    right.size === 0 ? right : right.reshape([right.size]).flip(0).reshape(right.shape),
  ),

  // ————— what only exact laws and second derivatives see
  inUnary("sin: gradient cut off from the graph", ops.Sin, "sin", (_, right) => right.detach()),
  inUnary("sigmoid: wrong only while gradients are recorded", ops.Sigmoid, "sigmoid", (_, right) =>
    isRecording() ? right.mul(1.001) : right,
  ),
  inUnary("tanh: wrong only while gradients are not recorded", ops.Tanh, "tanh", (_, right) =>
    isRecording() ? right : right.mul(1 + 1e-10),
  ),
  inUnary("rsqrt: a constant added to the gradient", ops.Rsqrt, "rsqrt", (_, right) => right.add(1e-14)),
  inBackward("floor: gradient passes straight through", ops.Floor, "floor", ({ g }) => [g]),
  inUnary("reciprocal: writes into the gradient that came in", ops.Reciprocal, "reciprocal", (g, right) => {
    if (g.size > 0) g.storage.view[g.offset] += 1;
    return right;
  }),
  inUnary("log: gradient in float32", ops.Log, "log", (_, right) => right.to("float32")),
  inUnary("expm1: squared gradient", ops.Expm1, "expm1", (g, right) => right.mul(g.abs())),
  inForward("neg: strides ignored", ops.Neg, "neg", (right, [x]) =>
    x.newFrom(
      x.elements.slice(0, right.size).map((n) => -n),
      right.shape,
    ),
  ),
  inForward("abs: input changed in place", ops.Abs, "abs", (right, [x]) => {
    if (x.size > 0) x.storage.view[x.offset] += 1;
    return right;
  }),
];

/** Elements moved on by one along the first dim. */
const roll = (x: Tensor): Tensor =>
  x.rank === 0 || x.shape[0] < 2 ? x : cat([x.narrow(0, 1, x.shape[0] - 1), x.narrow(0, 0, 1)]);
