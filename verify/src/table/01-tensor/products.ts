import fc from "fast-check";
import { einsum, fromArray, type Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { differs } from "../../gradients/differs.ts";
import type { Example, Symmetry } from "../../gradients/evaluate.ts";
import { inBackward, inForward } from "../../mutants/plant.ts";
import type { Reference } from "../../references/reference.ts";
import { chosen, free, reduction, type Setting, typed, words } from "../builders.ts";
import type { Case } from "../case.ts";
import { tensors } from "../inputs/arbitraries.ts";
import { anywhere } from "../inputs/domains.ts";
import { broadcastableShapes, dims } from "../inputs/shapes.ts";

const sizes = dims({ minSize: 1, maxSize: 4 });
const product = { onnx: reduction } as const;
const sizeOfLabel: Readonly<Record<string, number>> = { a: 2, b: 3, i: 2, j: 3, k: 4 };

const setting = (options: Readonly<Record<string, unknown>>, run: Setting["run"]): Setting => ({
  options: typed(options),
  run,
});

/** c[i, j] = Σ a[i, k]·b[k, j] */
const byDefinition: Reference = (random) => {
  const [m, k, n] = [1 + random.integer(4), 1 + random.integer(4), 1 + random.integer(4)];
  const matrix = (rows: number, cols: number) =>
    fromArray(
      Float64Array.from({ length: rows * cols }, () => random.normal()),
      [rows, cols],
    );
  const [a, b] = [matrix(m, k), matrix(k, n)];
  const expected = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++)
      for (let l = 0; l < k; l++) expected[i * n + j] += a.data[i * k + l] * b.data[l * n + j];
  }
  return (
    differs("matmul", a.matmul(b), expected) ??
    differs("matmul of transposed", b.t().matmul(a.t()).t(), expected)
  );
};

export const title = "Products";

export const rows: readonly Case[] = [
  free(
    "matmul",
    words("y[i, j] = Σₖ a[i, k]·b[k, j]", "a: g·bᵀ; b: aᵀ·g (summed over batch dims that were stretched)"),
    ["a", "b"],
    [ops.MatMul],
    batchedPair(),
    {
      ...product,
      linear: "each",
      reference: byDefinition,
      faults: [
        inForward(
          "square results transposed",
          ops.MatMul,
          (right) => (right.rank === 2 && right.shape[0] === right.shape[1] ? right.transpose(0, 1) : right),
          "reference",
          "scalars",
        ),
        inBackward(
          "left gradient with b instead of bᵀ",
          ops.MatMul,
          ({ g, gradients: [, db], inputs: [, b] }) => [g.matmul(b), db],
        ),
        inBackward("square gradient transposed", ops.MatMul, ({ gradients: [da, db] }) => [
          da && da.shape.at(-1) === da.shape.at(-2) ? da.transpose(-1, -2) : da,
          db,
        ]),
      ],
    },
  ),
  free("bmm", words("y[n] = a[n]·b[n], matrix by matrix", "a: g·bᵀ; b: aᵀ·g"), ["a", "b"], [], batches(), {
    ...product,
    linear: "each",
  }),
  free(
    "dot",
    ["y = Σ a·b", "a: g·b; b: g·a"],
    ["a", "b"],
    [],
    vectors(
      (k) => [k, k],
      (a, b) => a.dot(b),
    ),
    { ...product, linear: "each" },
  ),
  free(
    "outer",
    words("y[i, j] = a[i]·b[j]", "a: Σⱼ g·b; b: Σᵢ g·a"),
    ["a", "b"],
    [],
    vectors(
      (k, n) => [k, n],
      (a, b) => a.outer(b),
    ),
    { linear: "each" },
  ),
  free(
    "matmul of a vector",
    words("y = a·b, a row on the left or a column on the right", "a: g·bᵀ; b: aᵀ·g"),
    ["a", "b"],
    [ops.MatMul],
    vectorPair(),
    { ...product, linear: "each" },
  ),
  free(
    "einsum",
    words("y = Σ a·b over labels that the result lacks", "a: einsum of g with b; b: einsum of a with g"),
    ["a", "b"],
    [],
    pairs(),
    { linear: "each", onnx: reduction },
  ),
  free(
    "einsum of three",
    words("y = Σ a·b·c over labels that the result lacks", "each: einsum of g with the other two"),
    ["a", "b", "c"],
    [],
    triples(),
    { linear: "each", onnx: reduction },
  ),
  chosen(
    "einsum, diagonal",
    words("y = Σ x[i, i, …], a repeated label walks the diagonal", "g on the diagonal, 0 elsewhere"),
    { domain: anywhere, minRank: 3, maxRank: 3, minSize: 3, maxSize: 3 },
    [],
    () =>
      fc
        .constantFrom("iij->ij", "iji->j", "iij", "iii", "i...i->...")
        .map((equation) => setting({ equation }, (x) => einsum(equation, x))),
    { linear: "jointly", onnx: reduction },
  ),
];

/** Two batches of matrices whose leading dims broadcast. */
function batchedPair(): fc.Arbitrary<Example> {
  const inner = fc.tuple(dims({ maxSize: 4 }), dims({ maxSize: 4 }), dims({ maxSize: 4 }));
  return fc
    .tuple(broadcastableShapes(2, { maxRank: 2, maxSize: 3, maxElements: 4 }), inner)
    .chain(([batch, [m, k, n]]) =>
      fc
        .tuple(tensors({ shape: [...batch[0], m, k] }), tensors({ shape: [...batch[1], k, n] }))
        .map((inputs): Example => ({ inputs, run: (a, b) => a.matmul(b), symmetries: matrices })),
    );
}

/** Rows of the left and columns of the right go along; what is summed over may lie in any order. */
const matrices: readonly Symmetry[] = [
  { inputs: [-2, null], output: -2 },
  { inputs: [null, -1], output: -1 },
  { inputs: [-1, -2], output: null },
];

/** Equally many matrices on both sides. */
function batches(): fc.Arbitrary<Example> {
  return fc.tuple(sizes, sizes, sizes, sizes).chain(([count, m, k, n]) =>
    fc.tuple(tensors({ shape: [count, m, k] }), tensors({ shape: [count, k, n] })).map(
      (inputs): Example => ({
        inputs,
        run: (a, b) => a.bmm(b),
        symmetries: [...matrices, { inputs: [0, 0], output: 0 }],
      }),
    ),
  );
}

/** Two vectors. */
function vectors(
  lengths: (k: number, n: number) => [number, number],
  run: (a: Tensor, b: Tensor) => Tensor,
): fc.Arbitrary<Example> {
  return fc.tuple(sizes, sizes).chain(([k, n]) => {
    const [left, right] = lengths(k, n);
    return fc
      .tuple(tensors({ shape: [left] }), tensors({ shape: [right] }))
      .map((inputs): Example => ({ inputs, run: (a, b) => run(a, b) }));
  });
}

/** One operand with a single dim: a row on the left, a column on the right. */
function vectorPair(): fc.Arbitrary<Example> {
  return fc.tuple(sizes, sizes, fc.boolean(), fc.boolean()).chain(([k, n, left, both]) => {
    const other = both ? [k] : left ? [k, n] : [n, k];
    const [a, b] = left ? [[k], other] : [other, [k]];
    return fc
      .tuple(tensors({ shape: a }), tensors({ shape: b }))
      .map((inputs): Example => ({ inputs, run: (a, b) => a.matmul(b) }));
  });
}

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
