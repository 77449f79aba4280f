import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import type { ElementName } from "../../format/element-types.ts";
import { int } from "../attributes.ts";
import { castHost } from "../host/cast.ts";
import { type Family, op } from "../operator.ts";
import { arrayIn, dimIn, floatOf, hostOf, rankOf, shapeOf, tensorOf, typeOf, type Value } from "../values.ts";
import { strideAttributes } from "../windows.ts";
import { convolved } from "./convolution.ts";
import { elementType } from "./make.ts";

/** What each type of whole numbers holds. */
const bounds: Partial<Record<ElementName, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** Rounded to whole numbers of a type; what lies outside becomes its nearest bound. */
function saturated(x: Tensor, zero: Tensor | null, dtype: ElementName): Value {
  const range = bounds[dtype];
  if (!range) throw new TypeError(`${dtype} — numbers are quantized to ${Object.keys(bounds).join(", ")}`);
  const moved = zero ? x.round().add(zero) : x.round();
  const y = moved.clamp(...range);
  return dtype === "int8" || dtype === "uint8" ? y.to(dtype) : castHost(hostOf(y), dtype);
}

/** Whole numbers in a float dtype: float64, where their sums are exact. */
const exact = (value: Value): Tensor => {
  const x = arrayIn(value);
  return isTensor(x) ? x.to("float64") : tensorOf(castHost(x, "float64"));
};

/** One number for all, or one for each place of a dim: as a shape that broadcasts. */
function along(t: Tensor, like: readonly number[], dim: number): Tensor {
  if (t.size === 1) return t.reshape([]);
  return t.reshape(like.map((n, d) => (d === dim ? n : 1)));
}

/** Scales of blocks are repeated along the dim; other scales broadcast. */
function fitted(t: Tensor, shape: readonly number[], axis: number, block: number): Tensor {
  if (block === 0) return t.rank <= 1 ? along(t, shape, dimIn(axis, Math.max(1, shape.length))) : t;
  const dim = dimIn(axis, shape.length);
  const places = Int32Array.from({ length: shape[dim] }, (_, i) => Math.floor(i / block));
  return t.indexSelect(dim, t.newFrom(places, [places.length], "int32"));
}

function quantized(x: Value, scale: Value, zero: Value, axis: number, dtype: ElementName, block = 0): Value {
  const t = floatOf(x);
  const step = fitted(floatOf(scale, t), t.shape, axis, block);
  const offset = zero ? fitted(exact(zero).to(t.dtype), t.shape, axis, block) : null;
  return saturated(t.div(step), offset, dtype);
}

function dequantized(x: Value, scale: Value, zero: Value, axis: number, block = 0): Tensor {
  const step = floatOf(scale);
  const shape = shapeOf(x);
  const t = exact(x);
  const offset = zero ? fitted(exact(zero), shape, axis, block) : null;
  return (offset ? t.sub(offset) : t).to(step.dtype).mul(fitted(step, shape, axis, block));
}

/** The scale that spans the numbers and 0, and where 0 lies. */
function dynamic(x: Tensor): Value[] {
  const [low, high] = [x.amin().minimum(0), x.amax().maximum(0)];
  const scale = high.sub(low).div(255);
  const zero = low.neg().div(scale).round().clamp(0, 255);
  return [saturated(x.div(scale), zero, "uint8"), scale, zero.to("uint8")];
}

/** Whole numbers less their zero point; a list has one for each place of `dim`. */
function centred(x: Value, zero: Value, dim: number): Tensor {
  const t = exact(x);
  if (!zero) return t;
  const offset = exact(zero);
  return t.sub(offset.rank <= 1 ? along(offset, t.shape, dim < 0 ? dim + t.rank : dim) : offset);
}

/** Products of whole numbers, scaled to whole numbers again. */
function requantized(sums: Tensor, scales: readonly Tensor[], zero: Value): Value {
  const [a, b, y] = scales;
  return saturated(
    sums.mul(a.mul(b).div(y)),
    zero ? exact(zero).reshape([]) : null,
    zero ? typeOf(zero) : "uint8",
  );
}

/** Whole numbers in place of floats. */
export const quantization: Family = {
  QuantizeLinear: [
    op(
      10,
      "x y_scale= y_zero_point?=",
      { axis: int(1), saturate: int(1), output_dtype: int(0), block_size: int(0), precision: int(0) },
      ([x, scale, zero], a) => {
        const dtype = zero ? typeOf(zero) : a.output_dtype ? elementType(a.output_dtype) : "uint8";
        return quantized(x, scale, zero, rankOf(x) > 1 ? a.axis : 0, dtype, a.block_size);
      },
    ),
  ],
  DequantizeLinear: [
    op(
      10,
      "x x_scale= x_zero_point?=",
      { axis: int(1), block_size: int(0), output_dtype: int(0) },
      ([x, scale, zero], a) => dequantized(x, scale, zero, rankOf(x) > 1 ? a.axis : 0, a.block_size),
    ),
  ],
  DynamicQuantizeLinear: [op(11, "x", {}, ([x]) => dynamic(floatOf(x)))],
  MatMulInteger: [
    op(10, "A B a_zero_point?= b_zero_point?=", {}, ([a, b, zeroA, zeroB]) =>
      centred(a, zeroA, -2)
        .matmul(centred(b, zeroB, -1))
        .to("int32"),
    ),
  ],
  QLinearMatMul: [
    op(
      10,
      "a a_scale= a_zero_point= b b_scale= b_zero_point= y_scale= y_zero_point=",
      {},
      ([a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY]) => {
        const sums = centred(a, zeroA, -2).matmul(centred(b, zeroB, -1));
        return requantized(sums, [exact(scaleA), exact(scaleB), exact(scaleY)], zeroY);
      },
    ),
  ],
  QLinearConv: [
    op(
      10,
      "x x_scale= x_zero_point= w w_scale= w_zero_point= y_scale= y_zero_point= B?",
      strideAttributes,
      ([x, scaleX, zeroX, w, scaleW, zeroW, scaleY, zeroY, b], a) => {
        const sums = convolved(centred(x, zeroX, 1), centred(w, zeroW, 0), b ? exact(b) : null, a);
        const perFilter = along(exact(scaleW), sums.shape, 1);
        return requantized(sums, [exact(scaleX).reshape([]), perFilter, exact(scaleY).reshape([])], zeroY);
      },
    ),
  ],
  ConvInteger: [
    op(10, "x w x_zero_point?= w_zero_point?=", strideAttributes, ([x, w, zeroX, zeroW], a) =>
      convolved(centred(x, zeroX, 1), centred(w, zeroW, 0), null, a).to("int32"),
    ),
  ],
};
