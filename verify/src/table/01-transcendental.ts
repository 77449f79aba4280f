import { tensors as ops } from "tensorgrad/functions";
import { inBackward, inForward, inUnary } from "../mutants/plant.ts";
import { valueAt } from "../references/reference.ts";
import { exact, unary, words, zipped } from "./builders.ts";
import type { Case } from "./case.ts";
import { anywhere, awayFrom, between, offGrid, positive } from "./inputs/domains.ts";

/** So far from ±1 that slopes stay moderate. */
const inside = between(-0.9, 0.9, "inside");
/** So far from the poles at ±π/2 that slopes stay moderate. */
const offPoles = between(-1.25, 1.25, "offPoles");
const { LN2, LN10 } = Math;

export const title = "Angles, hyperbolic functions, other bases";

export const rows: readonly Case[] = [
  unary("tan", ["y = tan x", "g·(1 + y²)"], offPoles, [ops.Tan], (x) => x.tan(), {
    reference: valueAt((x) => x.tan(), Math.PI / 3, Math.sqrt(3)),
    faults: [
      inUnary("1 − y² as of tanh", ops.Tan, (g, _, x) => g.mul(x.tan().square().neg().add(1))),
      inForward("the cotangent", ops.Tan, (right) => right.reciprocal(), "reference"),
    ],
  }),
  unary("asin", ["y = asin x", "g/√(1 − x²)"], inside, [ops.Asin], (x) => x.asin(), {
    reference: valueAt((x) => x.asin(), 0.5, Math.PI / 6),
    faults: [
      inUnary("the root forgotten", ops.Asin, (g, _, x) => g.div(x.square().neg().add(1))),
      inForward("in degrees", ops.Asin, (right) => right.mul(180 / Math.PI), "reference"),
    ],
  }),
  unary("acos", ["y = acos x", "−g/√(1 − x²)"], inside, [ops.Acos], (x) => x.acos(), {
    reference: valueAt((x) => x.acos(), 0.5, Math.PI / 3),
    faults: [
      inUnary("sign forgotten", ops.Acos, (_, right) => right.neg()),
      inForward("a right angle less", ops.Acos, (right) => right.sub(Math.PI / 2), "reference"),
    ],
  }),
  zipped(
    "atan2",
    words("y = the angle of the point (b, a)", "a: g·b/(a² + b²); b: −g·a/(a² + b²)"),
    [awayFrom(0), awayFrom(0)],
    [ops.Atan2],
    (a, b) => a.atan2(b),
    {
      onnx: { ulps: 32, why: "polynomial approximations on both sides" },
      reference: valueAt((x) => x.atan2(-1), 1, (3 * Math.PI) / 4),
      faults: [
        inBackward("gradients swapped", ops.Atan2, ({ gradients: [da, db] }) => [db, da]),
        inForward("the angle of the slope alone", ops.Atan2, (_, [a, b]) => a.div(b).atan(), "reference"),
      ],
    },
  ),
  unary("sinh", ["y = sinh x", "g·cosh x"], anywhere, [ops.Sinh], (x) => x.sinh(), {
    reference: valueAt((x) => x.sinh(), LN2, 0.75),
    faults: [
      inUnary("sinh of itself", ops.Sinh, (g, _, x) => g.mul(x.sinh())),
      inForward("not halved", ops.Sinh, (right) => right.mul(2), "reference"),
    ],
  }),
  unary("cosh", ["y = cosh x", "g·sinh x"], anywhere, [ops.Cosh], (x) => x.cosh(), {
    reference: valueAt((x) => x.cosh(), LN2, 1.25),
    faults: [
      inUnary("the sign of a cosine's", ops.Cosh, (_, right) => right.neg()),
      inForward("one less", ops.Cosh, (right) => right.sub(1), "reference"),
    ],
  }),
  unary("exp2", ["y = 2ˣ", "g·y·ln 2"], anywhere, [ops.Exp2], (x) => x.exp2(), {
    reference: valueAt((x) => x.exp2(), -3, 1 / 8),
    faults: [
      inUnary("ln 2 forgotten", ops.Exp2, (_, right) => right.div(LN2)),
      inForward("base e", ops.Exp2, (_, [x]) => x.exp(), "reference"),
    ],
  }),
  unary("log2", ["y = ln x/ln 2", "g/(x·ln 2)"], positive, [ops.Log2], (x) => x.log2(), {
    reference: valueAt((x) => x.log2(), 8, 3),
    faults: [
      inUnary("times ln 2", ops.Log2, (_, right) => right.mul(LN2 * LN2)),
      inForward("base e", ops.Log2, (_, [x]) => x.log(), "reference"),
    ],
  }),
  unary("log10", ["y = ln x/ln 10", "g/(x·ln 10)"], positive, [ops.Log10], (x) => x.log10(), {
    reference: valueAt((x) => x.log10(), 1000, 3),
    faults: [
      inUnary("ln 10 forgotten", ops.Log10, (_, right) => right.mul(LN10)),
      inForward("base 2", ops.Log10, (_, [x]) => x.log2(), "reference"),
    ],
  }),
  // Halfway between two numbers of the grid, no a is a multiple of b: that is where the remainder jumps.
  zipped(
    "fmod",
    words("y = a − n·b with n = a/b without its fraction", "a: g; b: −g·n"),
    [offGrid, awayFrom(0)],
    [ops.Fmod],
    (a, b) => a.fmod(b),
    {
      onnx: exact,
      reference: valueAt((x) => x.fmod(2), -5.5, -1.5),
      faults: [
        inBackward("n rounded down", ops.Fmod, ({ g, inputs: [a, b], gradients: [da] }) => [
          da,
          g.mul(a.div(b).floor()).neg(),
        ]),
        inForward("the sign of b", ops.Fmod, (_, [a, b]) => a.sub(a.div(b).floor().mul(b)), "reference"),
      ],
    },
  ),
];
