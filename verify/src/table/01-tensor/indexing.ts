import fc from "fast-check";
import { cat, type Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import type { Example } from "../../gradients/evaluate.ts";
import { inBackward } from "../../mutants/plant.ts";
import { exact, free, reduction, typed, words } from "../builders.ts";
import type { Case } from "../case.ts";
import { tensors } from "../inputs/arbitraries.ts";
import { anywhere, bits, indicesBelow } from "../inputs/domains.ts";
import { dimOf, shapes } from "../inputs/shapes.ts";

const linear = { linear: "jointly" } as const;
const moves = { linear: "jointly", onnx: exact } as const;
const choice = { onnx: exact } as const;
const filled = { domain: anywhere, minRank: 1, minSize: 1 } as const;
const ADDED = "every element of g is added to the place it came from";
interface Indexed {
  readonly shape: readonly number[];
  /** Counted from the front. */
  readonly dim: number;
  readonly count: number;
}

/** A shape without empty dims, one of its dims, and how many positions along it are asked for. */
const indexed: fc.Arbitrary<Indexed> = shapes(filled).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    dim: fc.nat(shape.length - 1),
    count: fc.integer({ min: 0, max: 4 }),
  }),
);

const indices = (shape: readonly number[], below: number) => tensors({ shape, domain: indicesBelow(below) });

function selecting(run: (x: Tensor, dim: number, index: Tensor) => Tensor): fc.Arbitrary<Example> {
  return indexed.chain(({ shape, dim, count }) =>
    fc.tuple(tensors({ shape }), indices([count], shape[dim])).map(
      (inputs): Example => ({
        inputs,
        options: typed({ dim }),
        symmetries: [{ inputs: [null, 0], output: dim }],
        run: (x, index) => run(x, dim, index),
      }),
    ),
  );
}

type Adding = (x: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor;

/** The index of `gather` and `scatterAdd` has the tensor's rank; that of `indexAdd` is a list. */
function adding(run: Adding, listed: boolean): fc.Arbitrary<Example> {
  return indexed.chain(({ shape, dim, count }) => {
    const part = shape.with(dim, count);
    return fc
      .tuple(tensors({ shape }), indices(listed ? [count] : part, shape[dim]), tensors({ shape: part }))
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ dim }),
          symmetries: [{ inputs: [null, listed ? 0 : dim, dim], output: null }],
          run: (x, index, source) => run(x, dim, index, source),
        }),
      );
  });
}

const gathering = indexed.chain(({ shape, dim, count }) =>
  fc
    .tuple(tensors({ shape }), indices(shape.with(dim, count), shape[dim]))
    .map((inputs): Example => ({ inputs, options: typed({ dim }), run: (x, index) => x.gather(dim, index) })),
);

const masking = shapes().chain((shape) =>
  fc
    .tuple(tensors({ shape }), tensors({ shape, domain: bits }))
    .map((inputs): Example => ({ inputs, run: (x, mask) => x.maskedFill(mask, 0.5) })),
);

const selected = selecting((x, dim, index) => x.indexSelect(dim, index));
const added = adding((x, dim, index, source) => x.indexAdd(dim, index, source), true);
const scattered = adding((x, dim, index, source) => x.scatterAdd(dim, index, source), false);

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

/** Elements moved on by one along the first dim. */
const roll = (x: Tensor): Tensor =>
  x.rank === 0 || x.shape[0] < 2 ? x : cat([x.narrow(0, 1, x.shape[0] - 1), x.narrow(0, 0, 1)]);

export const title = "By index";

export const rows: readonly Case[] = [
  free("indexSelect", words("y[i, …] = x[index[i], …]", ADDED), ["x", "index"], [ops.IndexSelect], selected, {
    ...moves,
    faults: [
      inBackward("an index named twice is counted once", ops.IndexSelect, ({ gradients: [dx] }) => [
        dx?.clamp(-1, 1) ?? null,
        null,
      ]),
    ],
  }),
  free(
    "indexAdd",
    words("y = x; y[index[i], …] += source[i, …]", "x: g; source[i, …]: g[index[i], …]"),
    ["x", "index", "source"],
    [ops.IndexAdd],
    added,
    {
      ...linear,
      faults: [
        inBackward("source's gradient from the wrong places", ops.IndexAdd, ({ gradients: [dx, , ds] }) => [
          dx,
          null,
          ds && roll(ds),
        ]),
      ],
    },
  ),
  free("gather", words("y[i, j] = x[index[i, j], j]", ADDED), ["x", "index"], [ops.Gather], gathering, {
    ...moves,
    faults: [
      inBackward("gradient overwritten instead of added", ops.Gather, ({ gradients: [dx] }) => [
        dx?.clamp(-1, 1) ?? null,
        null,
      ]),
    ],
  }),
  free(
    "gather, smaller index",
    words("y[i, j] = x[index[i, j], j], for fewer j than x has", ADDED),
    ["x", "index"],
    [ops.Gather],
    smallerIndex((x, dim, index) => x.gather(dim, index), false),
    moves,
  ),
  free(
    "scatterAdd",
    words("y = x; y[index[i, j], j] += source[i, j]", "x: g; source: g gathered at the index"),
    ["x", "index", "source"],
    [ops.ScatterAdd],
    scattered,
    {
      ...linear,
      faults: [
        inBackward("x's gradient forgets what was added", ops.ScatterAdd, ({ g, gradients: [, , ds] }) => [
          g.mul(0.5),
          null,
          ds,
        ]),
      ],
    },
  ),
  free(
    "scatterAdd, smaller index",
    words(
      "y = x; y[index[i, j], j] += source[i, j], for fewer j than x has",
      "x: g; source: g gathered at the index, 0 beyond the index",
    ),
    ["x", "index", "source"],
    [ops.ScatterAdd],
    smallerIndex((x, dim, index, source) => x.scatterAdd(dim, index, source), true),
    { linear: "jointly", onnx: reduction },
  ),
  free(
    "maskedFill",
    words("y = value where mask, else x", "0 where mask, else g"),
    ["x", "mask"],
    [],
    masking,
    choice,
  ),
];
