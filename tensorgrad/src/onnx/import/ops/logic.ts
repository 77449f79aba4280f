import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { required, text } from "../attributes.ts";
import { type Binary, choose, map, zip } from "../host/elementwise.ts";
import { type Family, op } from "../operator.ts";
import { alikeTensors, arrayIn, hostOf, isWide, tensorOf, type Value } from "../values.ts";

/** Two operands of which something holds or does not. */
function compared(a: Value, b: Value, tensors: (a: Tensor, b: Tensor) => Tensor, elements: Binary): Value {
  const [x, y] = [arrayIn(a), arrayIn(b)];
  if (isTensor(x) || isTensor(y)) return tensors(...(alikeTensors([x, y]) as [Tensor, Tensor]));
  return zip(x, y, elements, "bool");
}

const compare = (since: number, tensors: (a: Tensor, b: Tensor) => Tensor, elements: Binary) =>
  op(since, "A B", {}, ([a, b]) => compared(a, b, tensors, elements));

function not(value: Value): Value {
  const x = arrayIn(value);
  return isTensor(x) ? x.logicalNot() : map(x, (v) => !v, "bool");
}

function where(condition: Value, a: Value, b: Value): Value {
  const given = [arrayIn(condition), arrayIn(a), arrayIn(b)];
  if (!given.some(isTensor)) return choose(hostOf(condition), hostOf(a), hostOf(b));
  const [x, y] = alikeTensors([a, b]);
  return tensorOf(condition).where(x, y);
}

/** Bit by bit; numbers of 32 bits are signed in JavaScript, and the array they are stored in undoes that. */
const bits = (since: number, fn: Binary) => op(since, "A B", {}, ([a, b]) => zip(hostOf(a), hostOf(b), fn));

function shift(a: Value, b: Value, direction: string): Value {
  const [x, y] = [hostOf(a), hostOf(b)];
  const left = direction === "LEFT";
  if (isWide(x.dtype)) return zip(x, y, left ? (p, q) => p << q : (p, q) => p >> q);
  return zip(x, y, left ? (p, q) => p * 2 ** q : (p, q) => Math.floor(p / 2 ** q));
}

/** Comparisons and logic; results are true or false. */
export const logic: Family = {
  Equal: [
    compare(
      7,
      (a, b) => a.eq(b),
      (a, b) => a === b,
    ),
  ],
  Greater: [
    compare(
      7,
      (a, b) => a.gt(b),
      (a, b) => a > b,
    ),
  ],
  GreaterOrEqual: [
    compare(
      12,
      (a, b) => a.ge(b),
      (a, b) => a >= b,
    ),
  ],
  Less: [
    compare(
      7,
      (a, b) => a.lt(b),
      (a, b) => a < b,
    ),
  ],
  LessOrEqual: [
    compare(
      12,
      (a, b) => a.le(b),
      (a, b) => a <= b,
    ),
  ],
  And: [
    compare(
      7,
      (a, b) => a.logicalAnd(b),
      (a, b) => a && b,
    ),
  ],
  Or: [
    compare(
      7,
      (a, b) => a.logicalOr(b),
      (a, b) => a || b,
    ),
  ],
  Xor: [
    compare(
      7,
      (a, b) => a.logicalXor(b),
      (a, b) => !a !== !b,
    ),
  ],
  Not: [op(1, "X", {}, ([x]) => not(x))],
  Where: [op(9, "condition X Y", {}, ([condition, x, y]) => where(condition, x, y))],
  BitShift: [
    op(11, "X Y", { direction: required(text()) }, ([x, y], { direction }) => shift(x, y, direction)),
  ],
  BitwiseAnd: [bits(18, (a, b) => a & b)],
  BitwiseOr: [bits(18, (a, b) => a | b)],
  BitwiseXor: [bits(18, (a, b) => a ^ b)],
  BitwiseNot: [op(18, "X", {}, ([x]) => map(hostOf(x), (v) => ~v))],
};
