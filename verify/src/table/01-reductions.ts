import fc from "fast-check";
import { ones, scope, type Tensor } from "tensorgrad";
import { activations, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Symmetry } from "../gradients/evaluate.ts";
import { type Case, chosen, type Extra, exact, reduction, type Setting, typed, unary } from "./case.ts";
import { anywhere, awayFrom, between, bits, type Domain, distinct } from "./domains.ts";
import { dimOf, type ShapeLimits, someDims } from "./shapes.ts";

type Limits = ShapeLimits & { readonly domain: Domain };
type OverDims = (x: Tensor, dim: number[] | undefined, keep: { readonly keepDim: boolean }) => Tensor;

/** Some dims, or all without naming any; kept or dropped. */
export const reduced =
  (run: OverDims) =>
  (shape: readonly number[]): fc.Arbitrary<Setting> =>
    fc.tuple(fc.option(someDims(shape.length), { nil: undefined }), fc.boolean()).map(([dim, keepDim]) => ({
      options: typed({ dim, keepDim }),
      run: (x) => run(x, dim, { keepDim }),
      symmetries: reducing(shape, dim, keepDim),
    }));

/** What is reduced may lie in any order; the other dims go along. */
function reducing(
  shape: readonly number[],
  dims: readonly number[] | undefined,
  keepDim: boolean,
): Symmetry[] {
  const gone = new Set((dims ?? [...shape.keys()]).map((dim) => (dim < 0 ? dim + shape.length : dim)));
  const before = (d: number) => (keepDim ? 0 : [...gone].filter((one) => one < d).length);
  return shape.map((_, d) => ({ inputs: [d], output: gone.has(d) ? null : d - before(d) }));
}

/** The dims beside the one that something happens along go along. */
function beside(shape: readonly number[], dim: number, rank: number): Symmetry[] {
  if (rank > shape.length) return []; // the dim is a new one
  const at = dim < 0 ? dim + shape.length : dim;
  const others = [...shape.keys()].filter((d) => d !== at);
  return others.map((d) => ({ inputs: [d], output: d > at ? d - shape.length + rank : d }));
}

function overDims(
  name: string,
  limits: Limits,
  covers: Case["covers"],
  run: OverDims,
  extra: Extra = {},
): Case {
  return chosen(name, limits, covers, reduced(run), { onnx: reduction, ...extra });
}

/** Along one dim, counted from either end. */
export function overDim(
  name: string,
  limits: Limits,
  covers: Case["covers"],
  run: (x: Tensor, dim: number) => Tensor,
  extra: Extra = {},
): Case {
  const settings = (shape: readonly number[]) =>
    dimOf(shape.length).map((dim): Setting => {
      using _ = scope();
      const { rank } = run(ones(shape, { dtype: "float64" }), dim);
      return { options: typed({ dim }), run: (x) => run(x, dim), symmetries: beside(shape, dim, rank) };
    });
  return chosen(name, limits, covers, settings, extra);
}

const linear = { linear: "jointly" } as const;
const noGradient = { order: 0, onnx: exact } as const;
const choice = { onnx: exact } as const;
const sums = { onnx: reduction } as const;

const filled = { domain: anywhere, minSize: 1 };
const choose = { domain: distinct, minSize: 1 };
/** At least three elements in every dim: of one alone the deviation is 0, and there it has a kink. */
const several = { domain: distinct, minSize: 3, minRank: 1 };
const ranked = { domain: distinct, minSize: 1, minRank: 1 };
const { SoftmaxRows, LogSoftmaxRows } = activations;

export const reductions: Case[] = [
  overDims("sum", { domain: anywhere }, [ops.Sum], (x, dim, keep) => x.sum(dim, keep), linear),
  overDims("mean", filled, [], (x, dim, keep) => x.mean(dim, keep), linear),
  overDims("var", filled, [], (x, dim, keep) => x.var(dim, { ...keep, correction: 0 })),
  overDims("prod", { domain: between(-1.5, 1.5) }, [ops.Prod], (x, dim, keep) => x.prod(dim, keep)),
  overDims("std", several, [], (x, dim, keep) => x.std(dim, keep)),
  overDims("norm", { domain: awayFrom(0), minSize: 1 }, [], (x, dim, keep) => x.norm(dim, keep)),
  overDims("amax", choose, [ops.Amax], (x, dim, keep) => x.amax(dim, keep), choice),
  overDims("amin", choose, [ops.Amin], (x, dim, keep) => x.amin(dim, keep), choice),
  overDims("any", { domain: bits }, [], (x, dim, keep) => x.any(dim, keep), noGradient),
  overDims("all", { domain: bits }, [], (x, dim, keep) => x.all(dim, keep), noGradient),
  // Its shift by the maximum would count ties as kinks, although the result has none.
  overDims("logSumExp", choose, [], (x, dim, keep) => x.logSumExp(dim, keep)),
  overDim("max", ranked, [ops.Max], (x, dim) => x.max(dim).values, choice),
  overDim("min", ranked, [ops.Min], (x, dim) => x.min(dim, { keepDim: true }).values, choice),
  unary("max of all", distinct, [], (x) => (x.size === 0 ? x : x.max()), { ...choice, elementwise: false }),
  overDim("argmax", ranked, [ops.ArgBest], (x, dim) => x.argmax(dim), noGradient),
  overDim("argmin", ranked, [ops.ArgBest], (x, dim) => x.argmin(dim), noGradient),
  overDim("softmax", filled, [SoftmaxRows, nn.Softmax], (x, dim) => new nn.Softmax(dim).forward(x), sums),
  overDim(
    "logSoftmax",
    filled,
    [LogSoftmaxRows, nn.LogSoftmax],
    (x, dim) => new nn.LogSoftmax(dim).forward(x),
    sums,
  ),
];
