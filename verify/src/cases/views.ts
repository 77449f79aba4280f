import fc from "fast-check";
import { cat, stack } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { tensors } from "../arbitraries.ts";
import { type Case, chosen, exact, free, type Setting, typed, unary } from "../case.ts";
import { anywhere } from "../domains.ts";
import type { Example } from "../evaluate.ts";
import { broadcast, broadcastableShapes, dimOf, dims, shapes, sizeOf } from "../shapes.ts";
import { overDim } from "./reductions.ts";

/** Numbers are moved, none is computed. */
const moves = { linear: "jointly", onnx: exact } as const;

const one = (options: string, run: Setting["run"]): fc.Arbitrary<Setting> => fc.constant({ options, run });

export const views: Case[] = [
  chosen(
    "reshape",
    { domain: anywhere },
    [ops.Reshape],
    (shape) =>
      fc
        .constantFrom([sizeOf(shape)], [...shape].reverse(), [1, ...shape, 1], sizeOf(shape) > 0 ? [-1] : [0])
        .map((to) => ({ options: typed({ to }), run: (x) => x.reshape(to) })),
    moves,
  ),
  chosen(
    "permute",
    { domain: anywhere },
    [ops.Permute],
    (shape) =>
      fc
        .shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length },
        )
        .map((order) => ({ options: typed({ order }), run: (x) => x.permute(order) })),
    moves,
  ),
  chosen(
    "transpose",
    { domain: anywhere, minRank: 1 },
    [ops.Permute],
    (shape) =>
      fc
        .tuple(dimOf(shape.length), dimOf(shape.length))
        .map(([a, b]) => ({ options: `(${a}, ${b})`, run: (x) => x.transpose(a, b) })),
    moves,
  ),
  free(
    "expand",
    ["x"],
    [ops.Expand],
    broadcastableShapes(2).chain(([small, other]) => {
      const to = broadcast([small, other]);
      return tensors({ shape: small }).map(
        (x): Example => ({ inputs: [x], options: typed({ to }), run: (x) => x.expand(to) }),
      );
    }),
    moves,
  ),
  chosen(
    "slice",
    { domain: anywhere, minRank: 1 },
    [ops.Slice, ops.SliceGrad],
    (shape) =>
      fc
        .tuple(dimOf(shape.length), fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.constantFrom(undefined, -1))
        .map(([dim, start, step, end]) => ({
          options: typed({ dim, start, end, step }),
          run: (x) => x.slice(dim, start, end, step),
        })),
    moves,
  ),
  chosen(
    "narrow",
    { domain: anywhere, minRank: 1, minSize: 2 },
    [ops.Slice],
    () => one("(-1, 1, 1)", (x) => x.narrow(-1, 1, 1)),
    moves,
  ),
  chosen(
    "select",
    { domain: anywhere, minRank: 1, minSize: 1 },
    [ops.Slice],
    (shape) => dimOf(shape.length).map((dim) => ({ options: `(${dim}, -1)`, run: (x) => x.select(dim, -1) })),
    moves,
  ),
  chosen("squeeze", { domain: anywhere }, [ops.Reshape], () => one("()", (x) => x.squeeze()), moves),
  overDim("unsqueeze", { domain: anywhere }, [ops.Reshape], (x, dim) => x.unsqueeze(dim), moves),
  chosen(
    "flatten",
    { domain: anywhere, minRank: 2 },
    [nn.Flatten],
    () => one("(1)", (x) => new nn.Flatten().forward(x)),
    moves,
  ),
  unary("clone", anywhere, [ops.Clone], (x) => x.clone(), moves),
  unary("contiguous", anywhere, [ops.Clone], (x) => x.transpose(0, -1).contiguous(), moves),
  free("cat", ["a", "b", "c"], [ops.Cat], sameButOne(), moves),
  free(
    "stack",
    ["a", "b"],
    [ops.Cat],
    shapes().chain((shape) =>
      fc.tuple(tensors({ shape }), tensors({ shape }), dimOf(shape.length)).map(
        ([a, b, dim]): Example => ({
          inputs: [a, b],
          options: typed({ dim }),
          run: (a, b) => stack([a, b], dim),
        }),
      ),
    ),
    moves,
  ),
];

/** Three tensors that differ in one dim only. */
function sameButOne(): fc.Arbitrary<Example> {
  return shapes({ minRank: 1, maxElements: 30 }).chain((shape) =>
    fc.tuple(dimOf(shape.length), fc.array(dims(), { minLength: 3, maxLength: 3 })).chain(([dim, sizes]) => {
      const at = (size: number) => shape.with(dim < 0 ? dim + shape.length : dim, size);
      return fc
        .tuple(...sizes.map((size) => tensors({ shape: at(size) })))
        .map((inputs): Example => ({ inputs, options: typed({ dim }), run: (...parts) => cat(parts, dim) }));
    }),
  );
}
