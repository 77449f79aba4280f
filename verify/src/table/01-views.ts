import fc from "fast-check";
import { cat, stack } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { overDim } from "./01-reductions.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, chosen, exact, free, type Setting, typed, unary } from "./case.ts";
import { anywhere } from "./domains.ts";
import { broadcast, broadcastableShapes, dimOf, dims, shapes, sizeOf } from "./shapes.ts";

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
const rows = always("(1)", (x) => new nn.Flatten().forward(x));

export const views: Case[] = [
  chosen("reshape", any, [ops.Reshape], reshaped, moves),
  chosen("permute", any, [ops.Permute], permuted, moves),
  chosen("transpose", ranked, [ops.Permute], transposed, moves),
  free("expand", ["x"], [ops.Expand], expanded, moves),
  chosen("slice", ranked, [ops.Slice, ops.SliceGrad], sliced, moves),
  chosen("narrow", long, [ops.Slice], second, moves),
  overDim("select", filled, [ops.Slice], (x, dim) => x.select(dim, -1), moves),
  unary("squeeze", anywhere, [ops.Reshape], (x) => x.squeeze(), { ...moves, elementwise: false }),
  overDim("unsqueeze", any, [ops.Reshape], (x, dim) => x.unsqueeze(dim), moves),
  chosen("flatten", images, [nn.Flatten], rows, moves),
  unary("clone", anywhere, [ops.Clone], (x) => x.clone(), moves),
  unary("contiguous", anywhere, [ops.Clone], (x) => x.transpose(0, -1).contiguous(), {
    ...moves,
    elementwise: false,
  }),
  free("cat", ["a", "b", "c"], [ops.Cat], sameButOne, moves),
  free("stack", ["a", "b"], [ops.Cat], stacked, moves),
];
