import { defaultRandom } from "../../../00-runtime/index.ts";
import { isTensor } from "../../../01-tensor/index.ts";
import { type ElementName, elementTypeOf, nameOfCode } from "../../format/element-types.ts";
import type { HostArray } from "../../format/tensor-proto.ts";
import { array, float, floats, int, ints, required, text, texts } from "../attributes.ts";
import { castHost } from "../host/cast.ts";
import { map, zip } from "../host/elementwise.ts";
import { moved } from "../moved.ts";
import { type Family, op } from "../operator.ts";
import {
  arrayIn,
  dimIn,
  floatOf,
  host,
  hostNumbers,
  hostOf,
  int64List,
  intsOf,
  isFloating,
  numberIn,
  peek,
  shapeOf,
  sizeIn,
  typeOf,
  type Value,
} from "../values.ts";

export function elementType(code: number): ElementName {
  const dtype = elementTypeOf(code);
  if (!dtype) throw new TypeError(`the type ${nameOfCode(code)} — arrays of it are not known here`);
  return dtype;
}

const LIMIT = 2 ** 31;

/** A tensor stays one where its dtype can hold the result; whole numbers of a tensor are int32. */
export function cast(value: Value, dtype: ElementName): Value {
  const x = arrayIn(value);
  if (!isTensor(x)) return castHost(x, dtype);
  if (dtype === "float32" || dtype === "float64" || dtype === "bool") return x.to(dtype);
  const fits = peek(() => x.data.every((v) => v > -LIMIT && v < LIMIT));
  if ((dtype === "int64" || dtype === "int32") && fits) return x.to("int32");
  return castHost(hostOf(x), dtype);
}

function range(start: Value, limit: Value, delta: Value): HostArray {
  const dtype = typeOf(start);
  const [from, to, step] = [start, limit, delta].map(numberIn);
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= 2 ** 27))
    throw new RangeError(
      `from ${from} to ${to} in steps of ${step} — a range has an end, and at most 2^27 numbers`,
    );
  return hostNumbers(
    dtype,
    [count],
    Array.from({ length: count }, (_, i) => from + i * step),
  );
}

/** 1 on a diagonal. */
function eye([rows, columns]: readonly number[], k: number, dtype: ElementName): HostArray {
  const numbers = new Float64Array(rows * columns);
  for (let i = Math.max(0, -k); i < rows && i + k < columns; i++) numbers[i * columns + i + k] = 1;
  return hostNumbers(dtype, [rows, columns], numbers);
}

/** Numbers from the library's generator; no file says which numbers an engine draws. */
function drawn(shape: readonly number[], draw: () => number, dtype: ElementName): HostArray {
  return hostNumbers(dtype, shape, Float64Array.from({ length: sizeIn(shape) }, draw));
}

const uniform = (low: number, high: number) => () => low + (high - low) * defaultRandom.uniform();
const typed = (code: number | undefined, like: Value = null): ElementName =>
  code === undefined ? (like ? typeOf(like) : "float32") : elementType(code);

const uniformly = { dtype: int(), high: float(1), low: float(0), seed: float() };
const normally = { dtype: int(), mean: float(0), scale: float(1), seed: float() };

const constants = {
  value: array(),
  value_float: float(),
  value_floats: floats(),
  value_int: int(),
  value_ints: ints(),
  value_string: text(),
  value_strings: texts(),
};

/** Arrays out of nothing but their shapes, and numbers about arrays. */
export const making: Family = {
  Constant: [
    op(1, "", constants, (_, a) => {
      if (a.value) return a.value;
      if (a.value_float !== undefined) return hostNumbers("float32", [], [a.value_float]);
      if (a.value_floats) return hostNumbers("float32", [a.value_floats.length], a.value_floats);
      if (a.value_int !== undefined) return hostNumbers("int64", [], [a.value_int]);
      if (a.value_ints) return int64List(a.value_ints);
      if (a.value_string !== undefined) return host("string", [], [a.value_string]);
      if (a.value_strings) return host("string", [a.value_strings.length], [...a.value_strings]);
      throw new TypeError("no value — a Constant has one attribute that says it");
    }),
  ],
  ConstantOfShape: [
    op(9, "input", { value: array() }, ([shape], { value }) => {
      const one = value ?? hostNumbers("float32", [1], [0]);
      const zeros = hostNumbers("uint8", intsOf(shape), new Uint8Array(sizeIn(intsOf(shape))));
      return { ...zip(zeros, one, (_, b) => b, one.dtype), shape: zeros.shape };
    }),
  ],
  Shape: [
    op(1, "data", {}, ([x]) => int64List(shapeOf(x))),
    op(15, "data", { start: int(0), end: int() }, ([x], { start, end }) =>
      int64List(shapeOf(x).slice(start, end)),
    ),
  ],
  Size: [op(1, "data", {}, ([x]) => hostNumbers("int64", [], [sizeIn(shapeOf(x))]))],
  Range: [op(11, "start limit delta", {}, ([start, limit, delta]) => range(start, limit, delta))],
  EyeLike: [
    op(9, "input", { dtype: int(), k: int(0) }, ([x], { dtype, k }) => eye(shapeOf(x), k, typed(dtype, x))),
  ],
  Cast: [
    op(6, "input", { to: required(int()), saturate: int(1), round_mode: text("up") }, ([x], { to }) =>
      cast(x, elementType(to)),
    ),
  ],
  CastLike: [
    op(15, "input target_type", { saturate: int(1), round_mode: text("up") }, ([x, like]) =>
      cast(x, typeOf(like)),
    ),
  ],
  RandomUniform: [
    op(1, "", { ...uniformly, shape: required(ints()) }, (_, a) =>
      drawn(a.shape, uniform(a.low, a.high), typed(a.dtype)),
    ),
  ],
  RandomUniformLike: [
    op(1, "input", uniformly, ([x], a) => drawn(shapeOf(x), uniform(a.low, a.high), typed(a.dtype, x))),
  ],
  RandomNormal: [
    op(1, "", { ...normally, shape: required(ints()) }, (_, a) =>
      drawn(a.shape, () => a.mean + a.scale * defaultRandom.normal(), typed(a.dtype)),
    ),
  ],
  RandomNormalLike: [
    op(1, "input", normally, ([x], a) =>
      drawn(shapeOf(x), () => a.mean + a.scale * defaultRandom.normal(), typed(a.dtype, x)),
    ),
  ],
  Bernoulli: [
    op(15, "input", { dtype: int(), seed: float() }, ([x], { dtype }) =>
      map(hostOf(x), (p) => defaultRandom.uniform() < p, typed(dtype, x)),
    ),
  ],
  CumSum: [
    op(11, "x axis", { exclusive: int(0), reverse: int(0) }, ([x, axis], { exclusive, reverse }) => {
      const dim = dimIn(numberIn(axis), shapeOf(x).length);
      return cumulative(x, dim, exclusive === 1, reverse === 1);
    }),
  ],
};

/** Running sums: of what came before where `exclusive`, from the end where `reverse`. */
function cumulative(value: Value, dim: number, exclusive: boolean, reverse: boolean): Value {
  const x = arrayIn(value);
  const t = isFloating(x.dtype) ? floatOf(x) : null;
  if (t) {
    const turned = reverse ? t.flip(dim) : t;
    const sums = turned.cumsum(dim);
    const y = exclusive ? sums.sub(turned) : sums;
    return reverse ? y.flip(dim) : y;
  }
  const whole = hostOf(reverse ? moved(x, (p) => p.flip(dim)) : x);
  const stride = sizeIn(whole.shape.slice(dim + 1));
  const length = whole.shape[dim];
  const given = castHost(whole, "int64").data as BigInt64Array;
  const sums = new BigInt64Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const first = Math.floor(i / stride) % length === 0;
    const before = first ? 0n : sums[i - stride];
    sums[i] = exclusive ? before + (first ? 0n : given[i - stride]) : before + given[i];
  }
  const y = castHost(host("int64", whole.shape, sums), x.dtype);
  return reverse ? moved(y, (p) => p.flip(dim)) : y;
}
