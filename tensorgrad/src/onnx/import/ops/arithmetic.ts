import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import type { ElementName } from "../../format/element-types.ts";
import { int } from "../attributes.ts";
import { castHost } from "../host/cast.ts";
import { type Binary, zip } from "../host/elementwise.ts";
import { type Family, op } from "../operator.ts";
import { alikeTensors, arrayIn, hostOf, isFloating, isWide, tensorOf, type Value } from "../values.ts";

type OfTensors = (a: Tensor, b: Tensor) => Tensor;
/** What two elements of this type become: whole numbers of 32 bits may need another rule than the rest. */
type OfElements = (dtype: ElementName) => Binary;

/** Two operands, broadcast. A tensor among them makes the result a tensor; else the host computes exactly. */
export function binary(a: Value, b: Value, tensors: OfTensors, elements: OfElements): Value {
  const [x, y] = [arrayIn(a), arrayIn(b)];
  if (isTensor(x) || isTensor(y)) return tensors(...(alikeTensors([x, y]) as [Tensor, Tensor]));
  return zip(x, y, elements(x.dtype));
}

const always =
  (fn: Binary): OfElements =>
  () =>
    fn;

const pair = (tensors: OfTensors, elements: OfElements) =>
  op(7, "A B", {}, ([a, b]) => binary(a, b, tensors, elements));

/** Any number of operands, folded from the left. */
const several = (tensors: OfTensors, elements: OfElements) =>
  op(6, "data_0 data*", {}, ([first, ...others]) =>
    others.reduce((sum, x) => binary(sum, x, tensors, elements), first),
  );

const add: OfElements = always((a, b) => a + b);
const multiply: OfElements = (dtype) =>
  dtype === "int32" || dtype === "uint32" ? Math.imul : (a, b) => a * b;

/** Whole numbers are divided towards zero, as C does. */
const quotient: OfElements = (dtype) =>
  isFloating(dtype) || isWide(dtype) ? (a, b) => a / b : (a, b) => Math.trunc(a / b);

function divide(a: Value, b: Value): Value {
  const isWhole = [a, b].some((x) => !isFloating(arrayIn(x).dtype));
  return isWhole
    ? zip(hostOf(a), hostOf(b), quotient(arrayIn(a).dtype))
    : binary(a, b, (x, y) => x.div(y), quotient);
}

/** The sign of Python's remainder is that of the divisor, the sign of C's that of the dividend. */
const remainder =
  (fmod: number): OfElements =>
  () =>
    fmod ? (a, b) => a % b : (a, b) => ((a % b) + b) % b;

const towardsZero = (x: Tensor): Tensor => x.sign().mul(x.abs().floor());

const remainderOf =
  (fmod: number): OfTensors =>
  (x, y) => {
    const quotient = x.asFloat().div(y);
    return x.sub(y.mul((fmod ? towardsZero(quotient) : quotient.floor()).to(x.dtype)));
  };

/** The result has the type of the base, whatever that of the exponent. */
function power(a: Value, b: Value): Value {
  const [x, y] = [arrayIn(a), arrayIn(b)];
  if (isTensor(x)) return x.pow(tensorOf(y, x)).to(x.dtype);
  if (isTensor(y) && isFloating(x.dtype)) return tensorOf(x, y).pow(y);
  const exponent = isWide(x.dtype) ? castHost(hostOf(y), "float64") : castHost(hostOf(y), "float64");
  const base = castHost(x, "float64");
  if (isWide(x.dtype) && !isFloating(y.dtype)) return zip(x, castHost(hostOf(y), x.dtype), (p, q) => p ** q);
  return castHost(
    zip(base, exponent, (p, q) => p ** q),
    x.dtype,
  );
}

/** Sums, products and whatever takes two or more numbers. */
export const arithmetic: Family = {
  Add: [pair((a, b) => a.add(b), add)],
  Sub: [
    pair(
      (a, b) => a.sub(b),
      always((a, b) => a - b),
    ),
  ],
  Mul: [pair((a, b) => a.mul(b), multiply)],
  Div: [op(7, "A B", {}, ([a, b]) => divide(a, b))],
  Pow: [op(7, "X Y", {}, ([x, y]) => power(x, y))],
  Mod: [
    op(10, "A B", { fmod: int(0) }, ([a, b], { fmod }) => binary(a, b, remainderOf(fmod), remainder(fmod))),
  ],
  Sum: [several((a, b) => a.add(b), add)],
  Max: [
    several(
      (a, b) => a.maximum(b),
      always((a, b) => (a > b || Number.isNaN(a) ? a : b)),
    ),
  ],
  Min: [
    several(
      (a, b) => a.minimum(b),
      always((a, b) => (a < b || Number.isNaN(a) ? a : b)),
    ),
  ],
  Mean: [
    op(6, "data_0 data*", {}, (values) =>
      alikeTensors(values)
        .reduce((sum, x) => sum.add(x))
        .div(values.length),
    ),
  ],
};
