import { Tensor } from "tensorgrad";
import { activations, losses, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { Adam, type AdamSettings, AdamW, SGD, type SGDSettings } from "tensorgrad/optim";
import { Storage } from "tensorgrad/runtime";
import type { Mutant } from "./mutant.ts";
import {
  beforeBackward,
  inBackward,
  inForward,
  inMethod,
  inUpdate,
  type Numbers,
  whileBackward,
} from "./plant.ts";

/** Faults in what all operations share: the walk back, broadcasting, sums of gradients. */
const walkMutants: readonly Mutant[] = [
  {
    name: "backward: gradient assigned instead of accumulated",
    caughtBy: [{ row: "mul" }],
    plant: () =>
      beforeBackward((leaves) => {
        for (const leaf of leaves) leaf.grad = null;
      }),
  },
  {
    name: "backward: the last path wins where paths meet",
    caughtBy: [{ row: "exp" }],
    plant: () => whileBackward("add", () => (b) => b as Tensor),
  },
  {
    name: "broadcast: sum over a stretched dim forgotten",
    caughtBy: [{ row: "add" }],
    plant: () =>
      whileBackward(
        "sum",
        (sum) =>
          function (this: Tensor, dims, keep) {
            if (!keep?.keepDim || !Array.isArray(dims)) return sum.call(this, dims, keep);
            return dims.reduce((x: Tensor, dim: number) => x.narrow(dim, 0, Math.min(1, x.shape[dim])), this);
          },
      ),
  },
  {
    name: "broadcast: mean over a stretched dim instead of its sum",
    caughtBy: [{ row: "mul" }],
    plant: () =>
      whileBackward(
        "sum",
        (sum) =>
          function (this: Tensor, dims, keep) {
            return keep?.keepDim ? this.mean(dims, keep) : sum.call(this, dims, keep);
          },
      ),
  },
  // Without the refusal, a gradient is computed from whatever the input holds by now.
  inMethod(
    "backward: a saved input changed in place goes unnoticed",
    Storage.prototype,
    "refuse",
    [{ row: "square" }],
    () => () => ({ [Symbol.dispose]() {} }),
  ),
];

const kinks = [{ reference: "kinks" }];

/** Faults in forwards: their gradients fit them, so only definitions and the other engine can tell. */
const forwardMutants: readonly Mutant[] = [
  inMethod(
    "mean: 1/n forgotten",
    Tensor.prototype,
    "mean",
    [{ reference: "moments" }],
    () =>
      function (this: Tensor, dims, keep) {
        return this.sum(dims, keep);
      },
  ),
  inMethod(
    "mean: 1/n forgotten, seen by scalars",
    Tensor.prototype,
    "mean",
    ["scalars"],
    () =>
      function (this: Tensor, dims, keep) {
        return this.sum(dims, keep);
      },
  ),
  inMethod(
    "var: biased where unbiased is due",
    Tensor.prototype,
    "var",
    [{ reference: "moments" }],
    (right) =>
      function (this: Tensor, dims, options) {
        return right.call(this, dims, { ...options, correction: 0 });
      },
  ),
  inForward(
    "softmax: without the shift by the maximum",
    activations.SoftmaxRows,
    [{ reference: "softmax" }],
    (_, [x]) => {
      const e = x.exp();
      return e.div(e.sum(-1, { keepDim: true }));
    },
  ),
  inForward(
    "crossEntropy: in bits, not nats",
    losses.CrossEntropyRows,
    [{ reference: "crossEntropy" }],
    (right) => right.mul(Math.LOG2E),
  ),
  inForward("gelu: tanh's approximation where the exact one is due", ops.Gelu, [{ row: "gelu" }], (_, [x]) =>
    x.gelu({ approximate: "tanh" }),
  ),
  inForward(
    "matmul: square results transposed",
    ops.MatMul,
    [{ reference: "products" }, "scalars"],
    (right) => (right.rank === 2 && right.shape[0] === right.shape[1] ? right.transpose(0, 1) : right),
  ),
  inMethod(
    "dropout: 1/(1 − p) forgotten",
    nn.Dropout.prototype,
    "forward",
    [{ reference: "Dropout" }],
    (right) =>
      function (this: nn.Dropout, x) {
        return right.call(this, x).mul(1 - this.p);
      },
  ),
  inMethod(
    "dropout: another mask on the way back",
    nn.Dropout.prototype,
    "forward",
    [{ row: "Dropout" }],
    (right) =>
      function (this: nn.Dropout, x) {
        const [y, other] = [right.call(this, x), right.call(this, x)];
        return y.detach().add(other.sub(other.detach())); // the value of one, the slope of the other
      },
  ),
  inBackward("relu: slope 1 at 0", ops.Relu, kinks, ({ g, inputs: [x] }) => [x.ge(0).where(g, 0)]),
  inBackward("abs: slope 1 at 0", ops.Abs, kinks, ({ g, inputs: [x] }) => [x.ge(0).where(g, g.neg())]),
  inBackward(
    "abs: slope 2 at 0",
    ops.Abs,
    [{ reference: "brackets" }],
    ({ g, inputs: [x], gradients: [dx] }) => [dx && x.eq(0).where(g.mul(2), dx)],
  ),
  inBackward("max: tied maxima share", ops.Max, kinks, ({ g, inputs: [x] }) => {
    const tied = x.eq(x.max(0, { keepDim: true }).values);
    return [tied.where(g, 0)];
  }),
  inBackward(
    "clamp: nothing passes at the bounds",
    ops.Clamp,
    kinks,
    ({ g, gradients: [dx], inputs: [x] }) => [dx && x.abs().eq(1).where(g.mul(0), dx)],
  ),
];

/** Faults in optimizers: ten steps by the formula tell. */
const optimizerMutants: readonly Mutant[] = [
  inUpdate<SGDSettings>(
    "SGD: weight decay after the momentum",
    SGD,
    "SGD with momentum",
    (p, g, { velocity: v }, s, i) => {
      v[i] = s.momentum * (v[i] ?? 0) + g[i];
      p[i] -= s.lr * (v[i] + s.weightDecay * p[i]);
    },
  ),
  inUpdate<SGDSettings>(
    "SGD: learning rate inside the velocity",
    SGD,
    "SGD with momentum",
    (p, g, { velocity: v }, s, i) => {
      v[i] = s.momentum * v[i] - s.lr * (g[i] + s.weightDecay * p[i]) * (1 - s.momentum);
      p[i] += v[i];
    },
  ),
  inUpdate<SGDSettings>(
    "SGD: Nesterov looks one step too far",
    SGD,
    "SGD, Nesterov",
    (p, g, { velocity: v }, s, i) => {
      const d = g[i] + s.weightDecay * p[i];
      v[i] = s.momentum * v[i] + d;
      p[i] -= s.lr * (d + s.momentum * s.momentum * v[i]);
    },
  ),
  inUpdate<AdamSettings>(
    "AdamW: weight decay inside the moments",
    AdamW,
    "AdamW",
    (p, g, { m, v }, s, i, t) => adamStep(p, m, v, g[i] + s.weightDecay * p[i], s, i, t),
  ),
  inUpdate<AdamSettings>(
    "Adam: weight decay outside the moments",
    Adam,
    "Adam",
    (p, g, { m, v }, s, i, t) => {
      p[i] -= s.lr * s.weightDecay * p[i];
      adamStep(p, m, v, g[i], s, i, t);
    },
  ),
  inUpdate<AdamSettings>("Adam: bias of the moments not undone", Adam, "Adam", (p, g, { m, v }, s, i) =>
    adamStep(p, m, v, g[i] + s.weightDecay * p[i], s, i, Number.POSITIVE_INFINITY),
  ),
  inUpdate<AdamSettings>("Adam: eps inside the root", Adam, "Adam", (p, g, { m, v }, s, i, t) =>
    adamStep(p, m, v, g[i] + s.weightDecay * p[i], s, i, t, true),
  ),
];

export const engineMutants: readonly Mutant[] = [...walkMutants, ...forwardMutants, ...optimizerMutants];

function adamStep(
  p: Numbers,
  m: Numbers,
  v: Numbers,
  d: number,
  s: AdamSettings,
  i: number,
  t: number,
  inside = false,
): void {
  const [b1, b2] = s.betas;
  m[i] = b1 * m[i] + (1 - b1) * d;
  v[i] = b2 * v[i] + (1 - b2) * d * d;
  const [mean, square] = [m[i] / (1 - b1 ** t), v[i] / (1 - b2 ** t)];
  p[i] -= (s.lr * mean) / (inside ? Math.sqrt(square + s.eps) : Math.sqrt(square) + s.eps);
}
