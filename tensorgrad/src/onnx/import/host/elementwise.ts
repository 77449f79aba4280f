import { broadcastShapes } from "../../../01-tensor/index.ts";
import { type ElementName, newData, rounded } from "../../format/element-types.ts";
import type { HostArray } from "../../format/tensor-proto.ts";
import { sizeIn } from "../values.ts";

/** Of numbers, or of bigints where the arrays hold 64 bits: JavaScript writes both alike. */
export type Unary = (a: number) => number | boolean;
export type Binary = (a: number, b: number) => number | boolean;

type Elements = { [i: number]: number; readonly length: number };

/** Where each element of a broadcast result comes from. */
export function origins(from: readonly number[], to: readonly number[]): Int32Array {
  const strides = new Array<number>(to.length).fill(0);
  for (let d = from.length - 1, stride = 1; d >= 0; stride *= from[d], d--)
    if (from[d] !== 1) strides[d + to.length - from.length] = stride;
  const places = new Int32Array(sizeIn(to));
  const index = new Array<number>(to.length).fill(0);
  for (let i = 0, place = 0; i < places.length; i++) {
    places[i] = place;
    for (let d = to.length - 1; d >= 0; d--) {
      place += strides[d];
      if (++index[d] < to[d]) break;
      place -= strides[d] * to[d];
      index[d] = 0;
    }
  }
  return places;
}

/** One operation on every pair of elements, broadcast; the result has the type of the first unless another is given. */
export function zip(a: HostArray, b: HostArray, fn: Binary, dtype: ElementName = a.dtype): HostArray {
  const shape = broadcastShapes("broadcast", a.shape, b.shape);
  const [p, q] = [origins(a.shape, shape), origins(b.shape, shape)];
  const [x, y] = [a.data as unknown as Elements, b.data as unknown as Elements];
  const data = newData(dtype, p.length);
  store(data, dtype, (i) => fn(x[p[i]], y[q[i]]));
  return { dtype, shape, data };
}

/** One operation on every element. */
export function map(a: HostArray, fn: Unary, dtype: ElementName = a.dtype): HostArray {
  const x = a.data as unknown as Elements;
  const data = newData(dtype, x.length);
  store(data, dtype, (i) => fn(x[i]));
  return { dtype, shape: a.shape, data };
}

/** Element by element; what a typed array does not round itself is rounded here. */
function store(data: HostArray["data"], dtype: ElementName, value: (i: number) => number | boolean): void {
  const y = data as unknown as Elements;
  const half = dtype === "float16" || dtype === "bfloat16";
  for (let i = 0; i < data.length; i++) {
    const v = value(i) as number; // a boolean is stored as 0 or 1
    y[i] = half ? rounded(dtype, v) : v;
  }
}

/** `condition ? a : b` for every element. */
export function choose(condition: HostArray, a: HostArray, b: HostArray): HostArray {
  const shape = [a.shape, b.shape].reduce((s, t) => broadcastShapes("broadcast", s, t), condition.shape);
  const [c, p, q] = [condition, a, b].map((x) => origins(x.shape, shape));
  const [x, y] = [a.data as unknown as Elements, b.data as unknown as Elements];
  const data = newData(a.dtype, c.length) as unknown as Elements;
  for (let i = 0; i < c.length; i++) data[i] = condition.data[c[i]] ? x[p[i]] : y[q[i]];
  return { dtype: a.dtype, shape, data: data as unknown as HostArray["data"] };
}
