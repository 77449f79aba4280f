import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { activations, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { type Case, chosen, exact, reduction, type Setting, typed, unary } from "../case.ts";
import { anywhere, distinct } from "../domains.ts";
import { dimOf, someDims } from "../shapes.ts";

const linear = { linear: "jointly" } as const;
const noGradient = { order: 0, onnx: exact } as const;

/** Some dims, or all of them without naming any; kept or dropped. */
const reduced =
  (run: (x: Tensor, dim: number[] | undefined, keep: { keepDim: boolean }) => Tensor) =>
  (shape: readonly number[]) =>
    fc.tuple(fc.option(someDims(shape.length), { nil: undefined }), fc.boolean()).map(
      ([dim, keepDim]): Setting => ({
        options: typed({ dim, keepDim }),
        run: (x) => run(x, dim, { keepDim }),
      }),
    );
/** One dim, counted from either end. */
export const along = (run: (x: Tensor, dim: number) => Tensor) => (shape: readonly number[]) =>
  dimOf(shape.length).map((dim): Setting => ({ options: typed({ dim }), run: (x) => run(x, dim) }));

const filled = { domain: anywhere, minSize: 1 } as const;
const ranked = { domain: distinct, minSize: 1, minRank: 1 } as const;

export const reductions: Case[] = [
  chosen(
    "sum",
    { domain: anywhere },
    [ops.Sum],
    reduced((x, dim, keep) => x.sum(dim, keep)),
    { ...linear, onnx: reduction },
  ),
  chosen(
    "mean",
    filled,
    [],
    reduced((x, dim, keep) => x.mean(dim, keep)),
    { ...linear, onnx: reduction },
  ),
  chosen(
    "var",
    filled,
    [],
    reduced((x, dim, keep) => x.var(dim, { ...keep, correction: 0 })),
    { onnx: reduction },
  ),
  // Its shift by the maximum would count ties as kinks, although the result has none.
  chosen(
    "logSumExp",
    { domain: distinct, minSize: 1 },
    [],
    reduced((x, dim, keep) => x.logSumExp(dim, keep)),
    { onnx: reduction },
  ),
  chosen(
    "max",
    ranked,
    [ops.Max],
    along((x, dim) => x.max(dim).values),
    { onnx: exact },
  ),
  chosen(
    "min",
    ranked,
    [ops.Min],
    along((x, dim) => x.min(dim, { keepDim: true }).values),
    { onnx: exact },
  ),
  unary("max of all", distinct, [], (x) => (x.size === 0 ? x : x.max()), { onnx: exact }),
  chosen(
    "argmax",
    ranked,
    [ops.ArgBest],
    along((x, dim) => x.argmax(dim)),
    noGradient,
  ),
  chosen(
    "argmin",
    ranked,
    [ops.ArgBest],
    along((x, dim) => x.argmin(dim)),
    noGradient,
  ),
  chosen(
    "softmax",
    filled,
    [activations.SoftmaxRows, nn.Softmax],
    along((x, dim) => new nn.Softmax(dim).forward(x)),
    {
      onnx: reduction,
    },
  ),
  chosen(
    "logSoftmax",
    filled,
    [activations.LogSoftmaxRows],
    along((x, dim) => nn.logSoftmax(x, dim)),
    { onnx: reduction },
  ),
];
