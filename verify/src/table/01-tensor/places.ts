import fc from "fast-check";
import { ones, scope, Tensor, tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { differs } from "../../gradients/differs.ts";
import type { Example } from "../../gradients/evaluate.ts";
import { inMethod, inUnary } from "../../mutants/plant.ts";
import { chosen, exact, free, reduction, type Setting, typed, words } from "../builders.ts";
import type { Case } from "../case.ts";
import { tensors } from "../inputs/arbitraries.ts";
import { anywhere, indicesBelow } from "../inputs/domains.ts";
import { shapes } from "../inputs/shapes.ts";

const moves = { linear: "jointly", onnx: exact } as const;
const matrices = { domain: anywhere, minRank: 2, minSize: 1 } as const;
const wide = { dtype: "float64" } as const;

const diagonals = (shape: readonly number[]): fc.Arbitrary<Setting> =>
  fc
    .tuple(
      fc.shuffledSubarray([...shape.keys()], { minLength: 2, maxLength: 2 }),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([[dim0, dim1], offset]) => ({
      options: typed({ offset, dim0, dim1 }),
      run: (x) => x.diagonal({ offset, dim0, dim1 }),
    }));

const rolled = (shape: readonly number[]): fc.Arbitrary<Setting> =>
  fc
    .tuple(fc.integer({ min: -4, max: 4 }), fc.option(fc.nat(shape.length - 1), { nil: undefined }))
    .map(([shift, dim]) => ({ options: typed({ shift, dim }), run: (x) => x.roll(shift, dim) }));

const moved = (shape: readonly number[]): fc.Arbitrary<Setting> =>
  fc
    .tuple(fc.nat(shape.length - 1), fc.nat(shape.length - 1))
    .map(([from, to]) => ({ options: `(${from}, ${to})`, run: (x) => x.movedim(from, to) }));

const repeated = (shape: readonly number[]): fc.Arbitrary<Setting> =>
  fc
    .nat(shape.length - 1)
    .chain((dim) =>
      fc
        .oneof(fc.nat(3), fc.array(fc.nat(2), { minLength: shape[dim], maxLength: shape[dim] }))
        .map((times) => ({ options: typed({ times, dim }), run: (x) => x.repeatInterleave(times, dim) })),
    );

const backwards = (shape: readonly number[]): fc.Arbitrary<Setting> =>
  fc
    .tuple(fc.nat(shape.length - 1), fc.constantFrom(undefined, -1, -2), fc.integer({ min: -3, max: -1 }))
    .map(([dim, start, step]) => ({
      options: typed({ dim, start, step }),
      run: (x) => x.slice(dim, start, undefined, step),
    }));

type Looking = (x: Tensor, ...indices: Tensor[]) => Tensor;

/** A tensor and indices of its first dim, or of its first and its last, which broadcast together. */
const looked = (count: 1 | 2, run: Looking) =>
  shapes({ minRank: count, minSize: 1, maxElements: 30 }).chain((shape) =>
    fc
      .tuple(
        tensors({ shape }),
        fc.constantFrom([3], [2, 1], []).chain((s) => tensors({ shape: s, domain: indicesBelow(shape[0]) })),
        ...(count === 2
          ? [
              fc
                .constantFrom([3], [1])
                .chain((s) => tensors({ shape: s, domain: indicesBelow(shape.at(-1) as number) })),
            ]
          : []),
      )
      .map((inputs): Example => ({ inputs, run })),
  );

/** Every second element. */
const masked = shapes({ minRank: 1, minSize: 1 }).chain((shape) =>
  tensors({ shape }).map((x): Example => {
    const every = Array.from({ length: x.size }, (_, i) => i % 2 === 0);
    const mask = tensor(every).reshape(shape);
    return { inputs: [x], run: (x) => x.index(mask) };
  }),
);

const ADDED = "every element of g is added to the place it came from";

export const title = "Diagonals, moves, advanced indices";

export const rows: readonly Case[] = [
  chosen(
    "diagonal",
    words("y[i] = x[i, i + offset]", "g at those places, 0 elsewhere"),
    matrices,
    [ops.Diagonal],
    diagonals,
    {
      ...moves,
      faults: [inUnary("spread over the matrix", ops.Diagonal, (g, right) => right.add(g.sum().mul(0.1)))],
    },
  ),
  chosen(
    "trace",
    words("y = Σ x[i, i]", "g on the diagonal, 0 elsewhere"),
    { ...matrices, maxRank: 2 },
    [ops.Diagonal],
    () => fc.constant({ run: (x) => x.trace() }),
    { linear: "jointly", onnx: reduction },
  ),
  chosen(
    "roll",
    words("y[j] = x[j − shift], from the end again", "g rolled back"),
    { domain: anywhere, minRank: 1 },
    [],
    rolled,
    moves,
  ),
  chosen(
    "movedim",
    words("y = x with a dim in another place", "g with it put back"),
    { domain: anywhere, minRank: 1 },
    [],
    moved,
    moves,
  ),
  chosen(
    "repeatInterleave",
    words("y = x, each element several times in a row", "Σ g over its copies"),
    { domain: anywhere, minRank: 1, minSize: 1 },
    [],
    repeated,
    moves,
  ),
  chosen(
    "slice, backwards",
    words("y = x[start::step] along one dim, step < 0", "g at those places, 0 elsewhere"),
    { domain: anywhere, minRank: 1 },
    [ops.Slice],
    backwards,
    {
      ...moves,
      faults: [inUnary("put back forwards", ops.Slice, (_, right) => right.flip([...right.shape.keys()]))],
    },
  ),
  free(
    "index",
    words("y = x[i]", ADDED),
    ["x", "i"],
    [],
    looked(1, (x, i) => x.index(i)),
    moves,
  ),
  free(
    "index, two",
    words("y = x[i, j], the first and the last dim", ADDED),
    ["x", "i", "j"],
    [],
    looked(2, (x, i, j) => (x.rank === 2 ? x.index(i, j) : x.index(i, "...", j))),
    {
      ...moves,
      faults: [
        inMethod(
          "indices swapped",
          Tensor.prototype,
          "index",
          (right) =>
            function (this: Tensor, ...indices) {
              return right.call(this, ...indices.reverse());
            },
          "reference",
        ),
      ],
      reference: () => {
        using _ = scope();
        const pick = (n: number) => tensor([n], { dtype: "int32" });
        const x = ones([2, 3], wide).cumsum(1); // rows of 1, 2, 3
        return (
          differs("index", x.index(pick(1), pick(0)), [1]) ?? differs("index", x.index(pick(0), pick(1)), [2])
        );
      },
    },
  ),
  free(
    "index, mask",
    words("y = the x where mask", "g at those places, 0 elsewhere"),
    ["x"],
    [],
    masked,
    moves,
  ),
];
