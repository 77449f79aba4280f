import fc from "fast-check";
import { cat, einsum, type Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import type { Example } from "../gradients/evaluate.ts";
import { overDim } from "./01-reductions.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, chosen, exact, free, reduction, type Setting, transcendental, typed } from "./case.ts";
import { anywhere, awayFrom, type Domain, distinct, indicesBelow } from "./domains.ts";
import { dimOf, shapes } from "./shapes.ts";

/** Rows for operations that are put together from others, and for shapes that the first row of an operation leaves out. */

const moves = { linear: "jointly", onnx: exact } as const;
const ranked = { domain: anywhere, minRank: 1 } as const;

const setting = (options: Readonly<Record<string, unknown>>, run: Setting["run"]): Setting => ({
  options: typed(options),
  run,
});

const zeroOften: Domain = {
  name: "zeroOften",
  dtype: "float64",
  values: (count) =>
    fc.array(fc.constantFrom(0, 1, -1.5, 0.5), { minLength: count, maxLength: count, size: "max" }),
};

const sizeOfLabel: Readonly<Record<string, number>> = { a: 2, b: 3, i: 2, j: 3, k: 4 };

/** An index smaller than the tensor in some of the other dims, and a source that is larger than the index. */
function smallerIndex(
  run: (x: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor,
  sourced: boolean,
): fc.Arbitrary<Example> {
  return fc
    .tuple(shapes({ minRank: 2, minSize: 1, maxElements: 30 }), fc.integer({ min: 1, max: 4 }))
    .chain(([shape, count]) =>
      dimOf(shape.length).chain((dim) => {
        const chosenDim = dim < 0 ? dim + shape.length : dim;
        const size = shape.map((n, d) => (d === chosenDim ? count : Math.max(1, n - 1)));
        const index = tensors({ shape: size, domain: indicesBelow(shape[chosenDim]) });
        const source = sourced ? [tensors({ shape: size.map((n) => n + 1) })] : [];
        return fc.tuple(tensors({ shape }), index, ...source).map(
          (inputs): Example => ({
            inputs,
            options: typed({ dim }),
            run: (x, index, source) => run(x, dim, index, source),
          }),
        );
      }),
    );
}

export const moreOperations: Case[] = [
  chosen(
    "flip, several dims",
    ranked,
    [ops.Flip],
    (shape) =>
      fc.subarray([...shape.keys()], { minLength: 1 }).map((dims) => setting({ dims }, (x) => x.flip(dims))),
    moves,
  ),
  chosen(
    "chunk",
    ranked,
    [],
    (shape) => dimOf(shape.length).map((dim) => setting({ dim }, (x) => cat(x.chunk(2, dim).reverse(), dim))),
    moves,
  ),
  free(
    "gather, smaller index",
    ["x", "index"],
    [ops.Gather],
    smallerIndex((x, dim, index) => x.gather(dim, index), false),
    moves,
  ),
  free(
    "scatterAdd, smaller index",
    ["x", "index", "source"],
    [ops.ScatterAdd],
    smallerIndex((x, dim, index, source) => x.scatterAdd(dim, index, source), true),
    { linear: "jointly", onnx: reduction },
  ),
  // Zeros are where a gradient by division would fail.
  chosen(
    "prod with zeros",
    { domain: zeroOften },
    [ops.Prod],
    (shape) =>
      dimOf(shape.length).map((dim) => setting({ dim }, (x) => (x.rank === 0 ? x.prod() : x.prod(dim)))),
    { onnx: reduction },
  ),
  ...[1, 1.5, 3].map((p) =>
    overDim(
      `norm, p = ${p}`,
      { domain: awayFrom(0), minRank: 1, minSize: 2 },
      [],
      (x, dim) => x.norm(dim, { p }),
      { onnx: p === 1 ? reduction : transcendental },
    ),
  ),
  ...[Infinity, -Infinity].map((p) =>
    overDim(
      `norm, p = ${p}`,
      { domain: distinct, minRank: 1, minSize: 1 },
      [],
      (x, dim) => x.add(5).norm(dim, { p }), // all positive: no two sizes are near each other
      { onnx: exact },
    ),
  ),
  free("einsum", ["a", "b"], [], pairs(), { linear: "each", onnx: reduction }),
  free("einsum of three", ["a", "b", "c"], [], triples(), { linear: "each", onnx: reduction }),
  chosen(
    "einsum, diagonal",
    { domain: anywhere, minRank: 3, maxRank: 3, minSize: 3, maxSize: 3 },
    [],
    () =>
      fc
        .constantFrom("iij->ij", "iji->j", "iij", "iii", "i...i->...")
        .map((equation) => setting({ equation }, (x) => einsum(equation, x))),
    { linear: "jointly", onnx: reduction },
  ),
];

/** Operands for the terms of an equation; "..." stands for one dim of size 2. */
function operandsOf(equation: string): fc.Arbitrary<Example> {
  const terms = equation.split("->")[0].split(",");
  const shapeOf = (term: string) => [...term.replace("...", "a")].map((label) => sizeOfLabel[label]);
  return fc
    .tuple(...terms.map((term) => tensors({ shape: shapeOf(term) })))
    .map(
      (inputs): Example => ({ inputs, options: typed({ equation }), run: (...x) => einsum(equation, ...x) }),
    );
}

function pairs(): fc.Arbitrary<Example> {
  const matrices = ["ij,jk->ik", "ij,jk->ki", "bij,bjk->bik", "ij,kj->ik", "bij,jk", "...ij,...jk->...ik"];
  const others = ["i,j->ji", "ij,ij->i", "ij,ij->ij", "ij,jk->", "ij,ij", "bij,bk->bijk"];
  return fc.constantFrom(...matrices, ...others).chain(operandsOf);
}

function triples(): fc.Arbitrary<Example> {
  return fc.constantFrom("i,ij,j->", "ij,jk,ki->", "bi,ijk,bk->bj", "ij,jk,kb->bi").chain(operandsOf);
}
