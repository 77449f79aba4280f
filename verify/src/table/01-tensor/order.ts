import fc from "fast-check";
import { cat, type Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { inUnary } from "../../mutants/plant.ts";
import { chosen, exact, overDim, reduction, type Setting, typed, words } from "../builders.ts";
import type { Case } from "../case.ts";
import { anywhere, distinct } from "../inputs/domains.ts";
import { dimOf } from "../inputs/shapes.ts";

const moves = { linear: "jointly", onnx: exact } as const;
const filled = { domain: anywhere, minRank: 1, minSize: 1 } as const;
const ordered = { domain: distinct, minRank: 1, minSize: 1 } as const;
const setting = (options: Readonly<Record<string, unknown>>, run: Setting["run"]): Setting => ({
  options: typed(options),
  run,
});
const BACK = "every element of g goes back to where its element came from";
const ADDED = "every element of g is added to the place it came from";
/** A dim and a direction. */
const directed = (run: (x: Tensor, dim: number, up: boolean) => Tensor) => (shape: readonly number[]) =>
  fc
    .tuple(dimOf(shape.length), fc.boolean())
    .map(([dim, up]): Setting => ({ options: typed({ dim, up }), run: (x) => run(x, dim, up) }));

/** One element more at every end of the last two dims, in every mode. */
const padded = (shape: readonly number[]) =>
  fc
    .tuple(
      fc.constantFrom("constant", "reflect", "replicate", "circular" as const),
      fc.array(fc.nat(1), PAIR),
    )
    .map(([mode, ends]): Setting => {
      const padding = ends.slice(0, 2 * Math.min(2, shape.length));
      return { options: typed({ padding, mode }), run: (x) => x.pad(padding, { mode }) };
    });
const PAIR = { minLength: 4, maxLength: 4 };

/** Negative padding takes elements away. */
const cropped = () =>
  fc.constant({ options: "([-1, 2], { value: 7 })", run: (x: Tensor) => x.pad([-1, 2], { value: 7 }) });

/** A new dim in front, and every other one doubled. */
const repeated = (shape: readonly number[]) => {
  const times = [2, ...shape.map((_, i) => 1 + (i % 2))];
  return fc.constant({ options: typed({ times }), run: (x: Tensor) => x.repeat(times) });
};

const diagonal = (part: "tril" | "triu") => () =>
  fc
    .integer({ min: -2, max: 2 })
    .map((k): Setting => ({ options: typed({ diagonal: k }), run: (x) => x[part](k) }));
const ranked = { domain: anywhere, minRank: 1 };
const long = { domain: anywhere, minRank: 1, minSize: 2 };
const short = { domain: anywhere, maxElements: 12 };
const matrices = { domain: anywhere, minRank: 2 };
const sums = { linear: "jointly", onnx: reduction } as const;
const choice = { onnx: exact } as const;
const noGradient = { order: 0, onnx: exact } as const;
const sorted = directed((x, dim, up) => x.sort(dim, { descending: !up }).values);
const best = directed((x, dim, largest) => x.topk(1, dim, { largest }).values);

/** Elements moved on by one along the first dim. */
const roll = (x: Tensor): Tensor =>
  x.rank === 0 || x.shape[0] < 2 ? x : cat([x.narrow(0, 1, x.shape[0] - 1), x.narrow(0, 0, 1)]);

export const title = "Order, running sums, padding";

export const rows: readonly Case[] = [
  overDim(
    "cumsum",
    words("y[i] = Σ x[j] over j ≤ i", "x[j]: Σ g[i] over i ≥ j"),
    ranked,
    [ops.CumSum],
    (x, dim) => x.cumsum(dim),
    {
      ...sums,
      faults: [
        inUnary("gradient runs the same way", ops.CumSum, (g, _, x) =>
          g.rank === 0 ? g : new ops.CumSum(x.rank - 1).apply(g),
        ),
      ],
    },
  ),
  overDim(
    "flip",
    words("y[i] = x[n − 1 − i]", "g, turned round again"),
    ranked,
    [ops.Flip],
    (x, dim) => x.flip(dim),
    { ...moves, faults: [inUnary("gradient not turned round", ops.Flip, (g) => g)] },
  ),
  chosen(
    "flip, several dims",
    words("y[i] = x[n − 1 − i] in several dims", "g, turned round again"),
    ranked,
    [ops.Flip],
    (shape) =>
      fc.subarray([...shape.keys()], { minLength: 1 }).map((dims) => setting({ dims }, (x) => x.flip(dims))),
    moves,
  ),
  chosen(
    "pad",
    words(
      "y = x with a margin: constant, mirrored, repeated or circular",
      `${ADDED}; the constant gets none`,
    ),
    long,
    [ops.Pad],
    padded,
    {
      ...moves,
      faults: [inUnary("gradient put back one place too early", ops.Pad, (_, right) => roll(right))],
    },
  ),
  chosen(
    "pad with a value, or negative",
    words("y = x with a margin of one value, or cut off", "g without the margin, 0 where cut off"),
    filled,
    [ops.Pad],
    cropped,
    choice,
  ),
  chosen("repeat", words("y = x, tiled", "Σ g over the tiles"), short, [], repeated, moves),
  overDim(
    "split",
    words("y = the pieces of x along one dim, last piece first", BACK),
    ranked,
    [],
    (x, dim) => cat([...x.split(2, dim)].reverse(), dim),
    moves,
  ),
  chosen(
    "chunk",
    words("y = two pieces of x along one dim, last piece first", BACK),
    ranked,
    [],
    (shape) => dimOf(shape.length).map((dim) => setting({ dim }, (x) => cat(x.chunk(2, dim).reverse(), dim))),
    moves,
  ),
  chosen(
    "tril",
    words("y = x on and below a diagonal, 0 above", "g on and below it, 0 above"),
    matrices,
    [ops.Tril],
    diagonal("tril"),
    { ...moves, faults: [inUnary("gradient passes above the diagonal", ops.Tril, (g) => g)] },
  ),
  chosen(
    "triu",
    words("y = x on and above a diagonal, 0 below", "g on and above it, 0 below"),
    matrices,
    [ops.Triu],
    diagonal("triu"),
    moves,
  ),
  chosen(
    "sort",
    words("y = x in order along one dim", BACK),
    ordered,
    [ops.ArgSort, ops.Gather],
    sorted,
    choice,
  ),
  chosen(
    "topk",
    words("y = the k best of x along one dim", `${BACK}, 0 elsewhere`),
    ordered,
    [ops.ArgSort],
    best,
    choice,
  ),
  overDim(
    "argsort",
    words("y = the positions of x in order", null),
    ordered,
    [ops.ArgSort],
    (x, dim) => x.argsort(dim),
    noGradient,
  ),
];
