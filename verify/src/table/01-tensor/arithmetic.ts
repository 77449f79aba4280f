import { tensors as ops } from "tensorgrad/functions";
import { inBackward } from "../../mutants/plant.ts";
import { slopesAt } from "../../references/reference.ts";
import { exact, transcendental, unary, zipped } from "../builders.ts";
import type { Case } from "../case.ts";
import { anywhere, awayFrom, between, bits, offGrid, positive } from "../inputs/domains.ts";

const notZero = awayFrom(0);
/** True or false: nothing flows back. */
const noGradient = { order: 0, onnx: exact } as const;
const linear = { linear: "jointly" } as const;
const moves = { linear: "jointly", onnx: exact } as const;
const SUMMED = "summed over dims that were stretched";

export const title = "Arithmetic and comparisons";

export const rows: readonly Case[] = [
  zipped(
    "add",
    ["y = a + b", `a: g; b: g — ${SUMMED}`],
    [anywhere, anywhere],
    [ops.Add],
    (a, b) => a.add(b),
    linear,
  ),
  zipped(
    "sub",
    ["y = a − b", `a: g; b: −g — ${SUMMED}`],
    [anywhere, anywhere],
    [ops.Sub],
    (a, b) => a.sub(b),
    { ...linear, faults: [inBackward("second gradient without its sign", ops.Sub, ({ g }) => [g, g])] },
  ),
  zipped(
    "mul",
    ["y = a·b", `a: g·b; b: g·a — ${SUMMED}`],
    [anywhere, anywhere],
    [ops.Mul],
    (a, b) => a.mul(b),
    {
      linear: "each",
      faults: [inBackward("gradients swapped", ops.Mul, ({ g, inputs: [a, b] }) => [g.mul(a), g.mul(b)])],
    },
  ),
  zipped(
    "div",
    ["y = a/b", `a: g/b; b: −g·a/b² — ${SUMMED}`],
    [anywhere, notZero],
    [ops.Div],
    (a, b) => a.div(b),
    {
      faults: [
        inBackward("b instead of b² below", ops.Div, ({ g, gradients: [da], inputs: [a, b] }) => [
          da,
          g.mul(a).div(b).neg(),
        ]),
      ],
    },
  ),
  zipped(
    "pow",
    ["y = aᵇ", "a: g·b·aᵇ⁻¹ — 0 at 0⁰; b: g·aᵇ·ln a — 0 where a = 0 and b ≥ 0"],
    [positive, between(-2, 2)],
    [ops.Pow],
    (a, b) => a.pow(b),
    {
      onnx: transcendental,
      faults: [
        inBackward(
          "exponent's gradient without the logarithm",
          ops.Pow,
          ({ g, gradients: [da], inputs: [a, b] }) => [da, g.mul(a.pow(b))],
        ),
        // Found in this library by these checks: right to the first order, a wrong second derivative where an exponent is 0.
        inBackward("masked where the exponent is 0", ops.Pow, ({ g, gradients: [, db], inputs: [a, b] }) => [
          b.eq(0).where(0, g.mul(b).mul(a.pow(b.sub(1)))),
          db,
        ]),
        inBackward("b − 1 forgotten", ops.Pow, ({ g, gradients: [, db], inputs: [a, b] }) => [
          g.mul(b).mul(a.pow(b)),
          db,
        ]),
      ],
    },
  ),
  zipped(
    "maximum",
    ["y = max(a, b)", "a: g where a > b, g/2 where a = b, else 0; b: g where b > a, g/2 where a = b, else 0"],
    [anywhere, offGrid],
    [ops.Maximum],
    (a, b) => a.maximum(b),
    {
      onnx: exact,
      reference: slopesAt((x) => x.maximum(2), [2, 1], [0.5, 0]),
      faults: [inBackward("all to the left", ops.Maximum, ({ g }) => [g, g.mul(0)])],
    },
  ),
  zipped(
    "minimum",
    ["y = min(a, b)", "a: g where a < b, g/2 where a = b, else 0; b: g where b < a, g/2 where a = b, else 0"],
    [anywhere, offGrid],
    [ops.Minimum],
    (a, b) => a.minimum(b),
    {
      onnx: exact,
      reference: slopesAt((x) => x.minimum(2), [2, 3], [0.5, 0]),
    },
  ),
  zipped(
    "where",
    ["y = b where a, else c", "b: g where a, else 0; c: 0 where a, else g"],
    [bits, anywhere, anywhere],
    [ops.Where],
    (c, a, b) => c.where(a, b),
    {
      ...moves,
      faults: [inBackward("branches swapped", ops.Where, ({ gradients: [c, a, b] }) => [c, b, a])],
    },
  ),
  zipped("eq", ["y = (a = b)", null], [anywhere, anywhere], [ops.Eq], (a, b) => a.eq(b), noGradient),
  zipped("ne", ["y = (a ≠ b)", null], [anywhere, anywhere], [ops.Ne], (a, b) => a.ne(b), noGradient),
  zipped("lt", ["y = (a < b)", null], [anywhere, anywhere], [ops.Lt], (a, b) => a.lt(b), noGradient),
  zipped("le", ["y = (a ≤ b)", null], [anywhere, anywhere], [ops.Le], (a, b) => a.le(b), noGradient),
  zipped("gt", ["y = (a > b)", null], [anywhere, anywhere], [ops.Gt], (a, b) => a.gt(b), noGradient),
  zipped("ge", ["y = (a ≥ b)", null], [anywhere, anywhere], [ops.Ge], (a, b) => a.ge(b), noGradient),
  zipped(
    "logicalAnd",
    ["y = a ∧ b", null],
    [bits, bits],
    [ops.LogicalAnd],
    (a, b) => a.logicalAnd(b),
    noGradient,
  ),
  zipped(
    "logicalOr",
    ["y = a ∨ b", null],
    [bits, bits],
    [ops.LogicalOr],
    (a, b) => a.logicalOr(b),
    noGradient,
  ),
  zipped(
    "logicalXor",
    ["y = a ⊕ b", null],
    [bits, bits],
    [ops.LogicalXor],
    (a, b) => a.logicalXor(b),
    noGradient,
  ),
  unary("logicalNot", ["y = ¬x", null], bits, [ops.LogicalNot], (x) => x.logicalNot(), noGradient),
];
