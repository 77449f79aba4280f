import fc from "fast-check";
import { cat, stack, type Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../../gradients/evaluate.ts";
import { inBackward, inUnary } from "../../mutants/plant.ts";
import { chosen, exact, free, overDim, type Setting, typed, unary, words } from "../builders.ts";
import type { Case } from "../case.ts";
import { tensors } from "../inputs/arbitraries.ts";
import { anywhere } from "../inputs/domains.ts";
import { broadcast, broadcastableShapes, dimOf, dims, shapes, sizeOf } from "../inputs/shapes.ts";

/** Settings for a shape: the options of one call, and the call. */
type Settings = (shape: readonly number[]) => fc.Arbitrary<Setting>;

/** The same call whatever the shape. */
const always =
  (options: string, run: Setting["run"]): Settings =>
  () =>
    fc.constant({ options, run });

/** One dim, the dims turned round, dims of size 1 around, or whatever fits. */
const reshaped: Settings = (shape) =>
  fc
    .constantFrom([sizeOf(shape)], [...shape].reverse(), [1, ...shape, 1], sizeOf(shape) > 0 ? [-1] : [0])
    .map((to) => ({ options: typed({ to }), run: (x) => x.reshape(to) }));

const permuted: Settings = (shape) =>
  fc
    .shuffledSubarray([...shape.keys()], { minLength: shape.length })
    .map((order) => ({ options: typed({ order }), run: (x) => x.permute(order) }));

const transposed: Settings = (shape) =>
  fc
    .tuple(dimOf(shape.length), dimOf(shape.length))
    .map(([a, b]) => ({ options: `(${a}, ${b})`, run: (x) => x.transpose(a, b) }));

/** Starts inside or beyond the end, steps of 1 to 3, to the end or to before the last element. */
const sliced: Settings = (shape) =>
  fc
    .tuple(dimOf(shape.length), fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.constantFrom(undefined, -1))
    .map(([dim, start, step, end]) => ({
      options: typed({ dim, start, end, step }),
      run: (x) => x.slice(dim, start, end, step),
    }));

/** What two shapes stretch to is what one of them can be expanded to. */
const expanded = broadcastableShapes(2).chain(([small, other]) => {
  const to = broadcast([small, other]);
  const run: Example["run"] = (x) => x.expand(to);
  return tensors({ shape: small }).map((x): Example => ({ inputs: [x], options: typed({ to }), run }));
});

/** Three tensors that differ in one dim only. */
const sameButOne = shapes({ minRank: 1, maxElements: 30 }).chain((shape) =>
  fc.tuple(dimOf(shape.length), dims(), dims(), dims()).chain(([dim, ...sizes]) => {
    const at = (size: number) => shape.with(dim < 0 ? dim + shape.length : dim, size);
    return fc
      .tuple(...sizes.map((size) => tensors({ shape: at(size) })))
      .map((inputs): Example => ({ inputs, options: typed({ dim }), run: (...parts) => cat(parts, dim) }));
  }),
);

const stacked = shapes().chain((shape) =>
  fc.tuple(tensors({ shape }), tensors({ shape }), dimOf(shape.length)).map(([a, b, dim]): Example => {
    return { inputs: [a, b], options: typed({ dim }), run: (...parts) => stack(parts, dim) };
  }),
);
/** Numbers are moved, none is computed. */
const moves = { linear: "jointly", onnx: exact } as const;
const any = { domain: anywhere };
const ranked = { domain: anywhere, minRank: 1 };
const filled = { domain: anywhere, minRank: 1, minSize: 1 };
const long = { domain: anywhere, minRank: 1, minSize: 2 };
const images = { domain: anywhere, minRank: 2 };
const second = always("(-1, 1, 1)", (x) => x.narrow(-1, 1, 1));
const flat = always("(1)", (x) => new nn.Flatten().forward(x));

/** Elements moved on by one along the first dim. */
const roll = (x: Tensor): Tensor =>
  x.rank === 0 || x.shape[0] < 2 ? x : cat([x.narrow(0, 1, x.shape[0] - 1), x.narrow(0, 0, 1)]);

export const title = "Views";

export const rows: readonly Case[] = [
  chosen(
    "reshape",
    words("y = the same elements in another shape", "g in the shape of x"),
    any,
    [ops.Reshape],
    reshaped,
    {
      ...moves,
      faults: [
        inUnary("elements in reverse", ops.Reshape, (_, right) =>
          right.size === 0 ? right : right.reshape([right.size]).flip(0).reshape(right.shape),
        ),
      ],
    },
  ),
  chosen(
    "permute",
    words("y = x with its dims in another order", "g with the order undone"),
    any,
    [ops.Permute],
    permuted,
    {
      ...moves,
      faults: [
        inBackward("order instead of its inverse", ops.Permute, ({ g, operation }) => [
          g.permute((operation as InstanceType<typeof ops.Permute>).dims),
        ]),
      ],
    },
  ),
  chosen(
    "transpose",
    words("y = x with two dims swapped", "g with them swapped back"),
    ranked,
    [ops.Permute],
    transposed,
    moves,
  ),
  free(
    "expand",
    words("y = x, repeated along dims of size 1", "Σ g over the stretched dims"),
    ["x"],
    [ops.Expand],
    expanded,
    {
      ...moves,
      faults: [
        inBackward("mean over the stretched dims", ops.Expand, ({ g, inputs: [x] }) => [
          g.mul(x.size / Math.max(1, g.size)),
        ]),
      ],
    },
  ),
  chosen(
    "slice",
    words("y = x[start:end:step] along each dim", "g at those places, 0 elsewhere"),
    ranked,
    [ops.Slice, ops.SliceGrad],
    sliced,
    { ...moves, faults: [inUnary("put back one place too early", ops.Slice, (_, right) => roll(right))] },
  ),
  chosen(
    "narrow",
    words("y = x[start:start + length] along one dim", "g at those places, 0 elsewhere"),
    long,
    [ops.Slice],
    second,
    moves,
  ),
  overDim(
    "select",
    words("y = x[i] along one dim, which goes", "g at i, 0 elsewhere"),
    filled,
    [ops.Slice],
    (x, dim) => x.select(dim, -1),
    moves,
  ),
  unary(
    "squeeze",
    words("y = x without dims of size 1", "g in the shape of x"),
    anywhere,
    [ops.Reshape],
    (x) => x.squeeze(),
    { ...moves, elementwise: false },
  ),
  overDim(
    "unsqueeze",
    words("y = x with one more dim of size 1", "g in the shape of x"),
    any,
    [ops.Reshape],
    (x, dim) => x.unsqueeze(dim),
    moves,
  ),
  chosen(
    "flatten",
    words("y = x with several dims made one", "g in the shape of x"),
    images,
    [nn.Flatten],
    flat,
    moves,
  ),
  unary("clone", ["y = x — a copy", "g"], anywhere, [ops.Clone], (x) => x.clone(), {
    ...moves,
    faults: [inUnary("gradient scaled by 1 + 1e-9", ops.Clone, (_, right) => right.mul(1 + 1e-9))],
  }),
  unary(
    "contiguous",
    words("y = x, laid out row by row", "g"),
    anywhere,
    [ops.Clone],
    (x) => x.transpose(0, -1).contiguous(),
    {
      ...moves,
      elementwise: false,
    },
  ),
  free(
    "cat",
    words("y = a, b, c end to end along one dim", "each gets its part of g"),
    ["a", "b", "c"],
    [ops.Cat],
    sameButOne,
    {
      ...moves,
      faults: [
        inBackward("first and last gradient swapped", ops.Cat, ({ gradients }) =>
          String(gradients[0]?.shape) === String(gradients.at(-1)?.shape)
            ? [...gradients].reverse()
            : gradients,
        ),
      ],
    },
  ),
  free(
    "stack",
    words("y = a and b side by side along a new dim", "each gets its slice of g"),
    ["a", "b"],
    [ops.Cat],
    stacked,
    moves,
  ),
];
