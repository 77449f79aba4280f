import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { int, required } from "../attributes.ts";
import { moved } from "../moved.ts";
import { type Family, op } from "../operator.ts";
import {
  arrayIn,
  dimIn,
  floatOf,
  hostNumbers,
  hostOf,
  int64List,
  numberIn,
  sizeIn,
  type Value,
} from "../values.ts";

/** The k largest or smallest along a dim and their places; on the host for whole numbers. */
function topK(value: Value, k: number, axis: number, largest: boolean): Value[] {
  const x = arrayIn(value);
  const dim = dimIn(axis, x.shape.length);
  if (isTensor(x) && largest) {
    const { values, indices } = x.topk(k, dim);
    return [values, indices];
  }
  const places = ordered(x, dim, largest).narrow(dim, 0, k);
  return [moved(x, (t) => t.gather(dim, places)), places];
}

/** Places along a dim in the order of their elements; equal ones stay as they are. */
function ordered(x: ReturnType<typeof arrayIn>, dim: number, largest: boolean): Tensor {
  const { shape, data } = hostOf(x);
  const [n, below] = [shape[dim], sizeIn(shape.slice(dim + 1))];
  const numbers = data as unknown as ArrayLike<number>;
  const order = new Int32Array(sizeIn(shape));
  for (let line = 0; line < order.length / Math.max(1, n); line++) {
    const start = Math.floor(line / below) * n * below + (line % below);
    const at = (i: number) => numbers[start + i * below];
    const places = Array.from({ length: n }, (_, i) => i);
    places.sort((i, j) => (at(i) === at(j) ? i - j : at(i) < at(j) === largest ? 1 : -1));
    for (const [i, place] of places.entries()) order[start + i * below] = place;
  }
  return floatOf(hostNumbers("float32", [], [0])).newFrom(order, shape, "int32");
}

/** Distinct elements, or distinct slices of a dim: with their first places, where each went, and how many there are. */
function unique(value: Value, axis: number | undefined, sorted: boolean): Value[] {
  const x = hostOf(value);
  const dim = axis === undefined ? 0 : dimIn(axis, x.shape.length);
  const flat = axis === undefined ? { ...x, shape: [x.data.length] } : x;
  const n = flat.shape[dim];
  const below = sizeIn(flat.shape.slice(dim + 1));
  const above = sizeIn(flat.shape.slice(0, dim));
  const slices = Array.from({ length: n }, (_, i) =>
    Array.from({ length: above * below }, (_, j) => {
      const place = (Math.floor(j / below) * n + i) * below + (j % below);
      return flat.data[place] as number;
    }),
  );
  const first = new Map<string, number>();
  const group = slices.map((slice, i) => {
    const key = slice.join();
    if (!first.has(key)) first.set(key, i);
    return first.get(key) as number;
  });
  const kept = [...first.values()];
  if (sorted) kept.sort((i, j) => compare(slices[i], slices[j]));
  const inverse = group.map((i) => kept.indexOf(i));
  const counts = kept.map((i) => group.filter((other) => other === i).length);
  const y = moved(flat, (t) => t.indexSelect(dim, t.newFrom(kept, [kept.length], "int32")));
  return [y, int64List(kept), int64List(inverse), int64List(counts)];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((x, k) => x !== b[k]);
  if (i < 0) return 0;
  return a[i] < b[i] ? -1 : 1;
}

/** Order among elements. */
export const order: Family = {
  TopK: [
    op(1, "X", { axis: int(-1), k: required(int()) }, ([x], { axis, k }) => topK(x, k, axis, true)),
    op(10, "X K", { axis: int(-1), largest: int(1), sorted: int(1) }, ([x, k], { axis, largest }) =>
      topK(x, numberIn(k), axis, largest === 1),
    ),
  ],
  Unique: [
    op(11, "X", { axis: int(), sorted: int(1) }, ([x], { axis, sorted }) => unique(x, axis, sorted === 1)),
  ],
};
