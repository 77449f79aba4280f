import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { int } from "../attributes.ts";
import { map, type Unary } from "../host/elementwise.ts";
import { type Family, op } from "../operator.ts";
import { arrayIn, floatOf, isWide, type Value } from "../values.ts";

/** One operation on every element: of a tensor, or of an array on the host. */
function each(value: Value, tensor: (x: Tensor) => Tensor, element?: Unary): Value {
  const x = arrayIn(value);
  return isTensor(x) || !element ? tensor(floatOf(x)) : map(x, element);
}

const unary = (tensor: (x: Tensor) => Tensor, element?: Unary, since = 6) =>
  op(since, "X", {}, ([x]) => each(x, tensor, element));

/** Halfway to the even number. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

const zero = (x: number): number => (typeof x === "bigint" ? (0n as unknown as number) : 0);

/** (eˣ − e⁻ˣ)/2 and (eˣ + e⁻ˣ)/2, exact near 0. */
const sinh = (x: Tensor): Tensor => {
  const e = x.expm1();
  return e.add(e.div(e.add(1))).div(2);
};
const cosh = (x: Tensor): Tensor => x.exp().add(x.neg().exp()).div(2);
const asin = (x: Tensor): Tensor => x.div(x.square().neg().add(1).sqrt()).atan();
const asinh = (x: Tensor): Tensor => {
  const square = x.square();
  const small = x.abs().add(square.div(square.add(1).sqrt().add(1)));
  return x.sign().mul(small.log1p());
};
const acosh = (x: Tensor): Tensor => x.add(x.square().sub(1).sqrt()).log();
const atanh = (x: Tensor): Tensor => x.log1p().sub(x.neg().log1p()).div(2);

/** 1 where a number is infinite, in the directions that count. */
function infinite(value: Value, up: number, down: number): Value {
  const x = arrayIn(value);
  const element = (v: number) => (v === Infinity && up === 1) || (v === -Infinity && down === 1);
  if (!isTensor(x)) return map(x, element, "bool");
  const above = x.eq(Infinity);
  const below = x.eq(-Infinity);
  if (up && down) return above.logicalOr(below);
  if (up) return above;
  return down ? below : x.ne(x).logicalAnd(x.eq(x));
}

/** Functions of one number. */
export const mathematics: Family = {
  Neg: [
    unary(
      (x) => x.neg(),
      (x) => -x,
    ),
  ],
  Abs: [
    unary(
      (x) => x.abs(),
      (x) => (x < 0 ? -x : x),
    ),
  ],
  Sign: [
    op(9, "X", {}, ([x]) =>
      each(
        x,
        (t) => t.sign(),
        (v) =>
          isWide(arrayIn(x).dtype) ? (BigInt(v > 0 ? 1 : v < 0 ? -1 : zero(v)) as never) : Math.sign(v),
      ),
    ),
  ],
  Floor: [unary((x) => x.floor(), Math.floor)],
  Ceil: [unary((x) => x.ceil(), Math.ceil)],
  Round: [unary((x) => x.round(), roundHalfEven, 11)],
  Sqrt: [unary((x) => x.sqrt(), Math.sqrt)],
  Reciprocal: [
    unary(
      (x) => x.reciprocal(),
      (x) => 1 / x,
    ),
  ],
  Exp: [unary((x) => x.exp(), Math.exp)],
  Log: [unary((x) => x.log(), Math.log)],
  Erf: [unary((x) => x.erf(), undefined, 9)],
  Sin: [unary((x) => x.sin(), undefined, 7)],
  Cos: [unary((x) => x.cos(), undefined, 7)],
  Tan: [unary((x) => x.sin().div(x.cos()), undefined, 7)],
  Asin: [unary(asin, undefined, 7)],
  Acos: [
    unary(
      (x) =>
        asin(x)
          .neg()
          .add(Math.PI / 2),
      undefined,
      7,
    ),
  ],
  Atan: [unary((x) => x.atan(), undefined, 7)],
  Sinh: [unary(sinh, undefined, 9)],
  Cosh: [unary(cosh, undefined, 9)],
  Asinh: [unary(asinh, undefined, 9)],
  Acosh: [unary(acosh, undefined, 9)],
  Atanh: [unary(atanh, undefined, 9)],
  IsNaN: [
    op(9, "X", {}, ([value]) => {
      const x = arrayIn(value);
      return isTensor(x) ? x.isNaN() : map(x, Number.isNaN, "bool");
    }),
  ],
  IsInf: [
    op(10, "X", { detect_positive: int(1), detect_negative: int(1) }, ([x], a) =>
      infinite(x, a.detect_positive, a.detect_negative),
    ),
  ],
};
