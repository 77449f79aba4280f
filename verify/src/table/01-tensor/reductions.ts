import fc from "fast-check";
import { Tensor, tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { differs } from "../../gradients/differs.ts";
import { inBackward, inMethod, inUnary } from "../../mutants/plant.ts";
import { mean, type Reference, slopesAt } from "../../references/reference.ts";
import {
  chosen,
  exact,
  overDim,
  overDims,
  reduction,
  transcendental,
  typed,
  unary,
  words,
} from "../builders.ts";
import type { Case } from "../case.ts";
import { anywhere, awayFrom, between, bits, type Domain, distinct } from "../inputs/domains.ts";
import { dimOf } from "../inputs/shapes.ts";

const zeroOften: Domain = {
  name: "zeroOften",
  dtype: "float64",
  values: (count) =>
    fc.array(fc.constantFrom(0, 1, -1.5, 0.5), { minLength: count, maxLength: count, size: "max" }),
};
const linear = { linear: "jointly" } as const;
const noGradient = { order: 0, onnx: exact } as const;
const choice = { onnx: exact } as const;

const filled = { domain: anywhere, minSize: 1 };
const choose = { domain: distinct, minSize: 1 };
/** At least three elements in every dim: of one alone the deviation is 0, and there it has a kink. */
const several = { domain: distinct, minSize: 3, minRank: 1 };
const ranked = { domain: distinct, minSize: 1, minRank: 1 };

/** Σ (x − mean x)² of two to nine numbers, divided by n − 1, or by n. */
const variance: Reference = (random) => {
  const values = Array.from({ length: 2 + random.integer(8) }, () => random.normal());
  const squares = values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0);
  const x = tensor(values, { dtype: "float64" });
  return (
    differs("var", x.var(), [squares / (values.length - 1)]) ??
    differs("var with correction 0", x.var(undefined, { correction: 0 }), [squares / values.length])
  );
};

const average: Reference = (random) => {
  const values = Array.from({ length: 2 + random.integer(8) }, () => random.normal());
  return differs("mean", tensor(values, { dtype: "float64" }).mean(), [mean(values)]);
};

const FIRST_BEST = "g where x = y, else 0 — of several that tie the first one";
const SHARED = "g·(x = y)/Σ (x = y) — shared by all that tie";
const NORMS = [
  [1, "y = Σ |x|", "g·sign(x)"],
  [1.5, "y = (Σ |x|^1.5)^(1/1.5)", "g·sign(x)·(|x|/y)^0.5"],
  [3, "y = (Σ |x|³)^(1/3)", "g·sign(x)·(|x|/y)²"],
] as const;

export const title = "Reductions";

export const rows: readonly Case[] = [
  overDims(
    "sum",
    ["y = Σ x", "g — to every element"],
    { domain: anywhere },
    [ops.Sum],
    (x, dim, keep) => x.sum(dim, keep),
    { ...linear, faults: [inUnary("gradient halved", ops.Sum, (_, right) => right.mul(0.5))] },
  ),
  overDims("mean", ["y = Σ x/n", "g/n — to every element"], filled, [], (x, dim, keep) => x.mean(dim, keep), {
    ...linear,
    reference: average,
    faults: [
      inMethod(
        "1/n forgotten",
        Tensor.prototype,
        "mean",
        () =>
          function (this: Tensor, dims, keep) {
            return this.sum(dims, keep);
          },
        "reference",
      ),
      inMethod(
        "1/n forgotten, seen by scalars",
        Tensor.prototype,
        "mean",
        () =>
          function (this: Tensor, dims, keep) {
            return this.sum(dims, keep);
          },
        "scalars",
      ),
    ],
  }),
  overDims(
    "var",
    ["y = Σ (x − mean x)²/n — or n − correction", "2·g·(x − mean x)/n"],
    filled,
    [],
    (x, dim, keep) => x.var(dim, { ...keep, correction: 0 }),
    {
      reference: variance,
      faults: [
        inMethod(
          "biased where unbiased is due",
          Tensor.prototype,
          "var",
          (right) =>
            function (this: Tensor, dims, options) {
              return right.call(this, dims, { ...options, correction: 0 });
            },
          "reference",
        ),
      ],
    },
  ),
  overDims(
    "prod",
    [
      "y = Π x",
      "g·y/x where x ≠ 0, g·Π (x + z) where Σ z = 1, else 0 with z = 1 − (x ≠ 0) — found without a division: the product of all other elements",
    ],
    { domain: between(-1.5, 1.5) },
    [ops.Prod],
    (x, dim, keep) => x.prod(dim, keep),
    { faults: [inUnary("divided by |x| + 1", ops.Prod, (_, right, x) => right.div(x.abs().add(1)))] },
  ),
  overDims(
    "std",
    ["y = √(Σ (x − mean x)²/(n − 1))", "g·(x − mean x)/((n − 1)·y) — 0 where y = 0"],
    several,
    [],
    (x, dim, keep) => x.std(dim, keep),
  ),
  overDims(
    "norm",
    ["y = √(Σ x²)", "g·x/y — 0 where y = 0"],
    { domain: awayFrom(0), minSize: 1 },
    [],
    (x, dim, keep) => x.norm(dim, keep),
    {
      reference: slopesAt((x) => x.norm(), [0, 0], [0, 0]),
    },
  ),
  overDims("amax", ["y = max x", SHARED], choose, [ops.Amax], (x, dim, keep) => x.amax(dim, keep), {
    ...choice,
    reference: slopesAt((x) => x.amax(0), [3, 3, 1], [0.5, 0.5, 0]),
    faults: [inUnary("every winner gets all", ops.Amax, (g, _, x) => g.expand(x.shape))],
  }),
  overDims("amin", ["y = min x", SHARED], choose, [ops.Amin], (x, dim, keep) => x.amin(dim, keep), choice),
  overDims("any", ["y = ⋁ x", null], { domain: bits }, [], (x, dim, keep) => x.any(dim, keep), noGradient),
  overDims("all", ["y = ⋀ x", null], { domain: bits }, [], (x, dim, keep) => x.all(dim, keep), noGradient),
  // Its shift by the maximum would count ties as kinks, although the result has none.
  overDims("logSumExp", ["y = ln Σ eˣ — shifted by max x", "g·eˣ/Σ eˣ"], choose, [], (x, dim, keep) =>
    x.logSumExp(dim, keep),
  ),
  overDim(
    "max",
    ["y = max x — along one dim", FIRST_BEST],
    ranked,
    [ops.Max],
    (x, dim) => x.max(dim).values,
    {
      ...choice,
      reference: slopesAt((x) => x.max(0).values, [3, 3, 1], [1, 0, 0]),
      faults: [
        inBackward(
          "tied maxima share",
          ops.Max,
          ({ g, inputs: [x] }) => {
            const tied = x.eq(x.max(0, { keepDim: true }).values);
            return [tied.where(g, 0)];
          },
          "reference",
        ),
        inUnary("to every element", ops.Max, (g, _, x) => g.expand(x.shape)),
      ],
    },
  ),
  overDim(
    "min",
    ["y = min x — along one dim", FIRST_BEST],
    ranked,
    [ops.Min],
    (x, dim) => x.min(dim, { keepDim: true }).values,
    choice,
  ),
  unary("max of all", ["y = max x", SHARED], distinct, [], (x) => (x.size === 0 ? x : x.max()), {
    ...choice,
    elementwise: false,
  }),
  overDim(
    "argmax",
    words("y = the position of the largest, the first one on ties", null),
    ranked,
    [ops.ArgBest],
    (x, dim) => x.argmax(dim),
    noGradient,
  ),
  overDim(
    "argmin",
    words("y = the position of the smallest, the first one on ties", null),
    ranked,
    [ops.ArgBest],
    (x, dim) => x.argmin(dim),
    noGradient,
  ),
  // Zeros are where a gradient by division would fail.
  chosen(
    "prod with zeros",
    words("y = Π x — where some x are 0", "g times the product of all other elements"),
    { domain: zeroOften },
    [ops.Prod],
    (shape) =>
      dimOf(shape.length).map((dim) => ({
        options: typed({ dim }),
        run: (x) => (x.rank === 0 ? x.prod() : x.prod(dim)),
      })),
    { onnx: reduction },
  ),
  ...NORMS.map(([p, formula, gradient]) =>
    overDim(
      `norm, p = ${p}`,
      [formula, gradient],
      { domain: awayFrom(0), minRank: 1, minSize: 2 },
      [],
      (x, dim) => x.norm(dim, { p }),
      { onnx: p === 1 ? reduction : transcendental },
    ),
  ),
  ...[Infinity, -Infinity].map((p) =>
    overDim(
      `norm, p = ${p}`,
      [`y = ${p > 0 ? "max" : "min"} |x + 5|`, "g·(|x + 5| = y)/Σ (|x + 5| = y) — all x + 5 are positive"],
      { domain: distinct, minRank: 1, minSize: 1 },
      [],
      (x, dim) => x.add(5).norm(dim, { p }), // all positive: no two sizes are near each other
      { onnx: exact },
    ),
  ),
];
