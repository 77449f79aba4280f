import { cat, isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { int, text } from "../attributes.ts";
import { moved, movedTogether } from "../moved.ts";
import { type Family, op } from "../operator.ts";
import {
  arrayIn,
  dimIn,
  hostNumbers,
  hostOf,
  intsOf,
  numbersOf,
  peek,
  rankOf,
  shapeOf,
  sizeIn,
  tensorOf,
  type Value,
} from "../values.ts";
import { arithmetic } from "./arithmetic.ts";

/** Indices along a dim of size n as a tensor of int32, negative ones counted from the end. */
function indicesOf(value: Value, n: number): Tensor {
  const given = arrayIn(value);
  const index = tensorOf(given).to("int32");
  if (!peek(() => index.data.some((i) => i < 0))) return index;
  return index.lt(0).where(index.add(n), index);
}

function gather(x: Value, indices: Value, axis: number): Value {
  const dim = dimIn(axis, rankOf(x));
  const index = indicesOf(indices, shapeOf(x)[dim]);
  return moved(x, (t) => {
    const shape = [...t.shape.slice(0, dim), ...index.shape, ...t.shape.slice(dim + 1)];
    return t.indexSelect(dim, index.reshape([index.size])).reshape(shape);
  });
}

function gatherElements(x: Value, indices: Value, axis: number): Value {
  const dim = dimIn(axis, rankOf(x));
  const index = indicesOf(indices, shapeOf(x)[dim]);
  return moved(x, (t) => t.gather(dim, index));
}

/** The row-major position of each index tuple, in steps of what lies below it. */
function tuplePositions(
  indices: readonly number[],
  width: number,
  shape: readonly number[],
  starts: number[],
): number[] {
  const count = width === 0 ? starts.length : indices.length / width;
  return Array.from({ length: count }, (_, i) => {
    let position = starts[i];
    for (let k = 0; k < width; k++) {
      const n = shape[k];
      const at = indices[i * width + k];
      if (at < -n || at >= n)
        throw new RangeError(`index ${at} of ${n} — an index is from ${-n} to ${n - 1}`);
      position = position * n + (at < 0 ? at + n : at);
    }
    return position;
  });
}

function gatherND(x: Value, indices: Value, batchDims: number): Value {
  const [shape, outer] = [shapeOf(x), shapeOf(indices)];
  const width = outer.at(-1) ?? 0;
  const tuples = sizeIn(outer.slice(0, -1));
  const batches = sizeIn(shape.slice(0, batchDims));
  const each = tuples / Math.max(1, batches);
  const starts = Array.from({ length: tuples }, (_, i) => Math.floor(i / each));
  const inner = shape.slice(batchDims + width);
  const rows = tuplePositions(intsOf(indices), width, shape.slice(batchDims), starts);
  return moved(x, (t) => {
    const flat = t.reshape([sizeIn(shape.slice(0, batchDims + width)), ...inner]);
    return flat
      .indexSelect(0, t.newFrom(rows, [rows.length], "int32"))
      .reshape([...outer.slice(0, -1), ...inner]);
  });
}

/** How an update meets what is there: it takes its place, or both are combined. */
const reductions: Readonly<Record<string, { readonly op: string; readonly neutral: number }>> = {
  add: { op: "Add", neutral: 0 },
  mul: { op: "Mul", neutral: 1 },
  max: { op: "Max", neutral: -Infinity },
  min: { op: "Min", neutral: Infinity },
};

/**
 * Writes updates to places of the flattened data. Gradients flow to what stayed and to what was written.
 *
 * @param places   for each element of the updates, its place
 */
function scatter(data: Value, updates: Value, places: readonly number[], reduction: string): Value {
  const size = sizeIn(shapeOf(data));
  if (reduction === "none") return replaced(data, updates, places, size);
  const rule = reductions[reduction];
  if (!rule)
    throw new TypeError(`reduction "${reduction}" — known are none, ${Object.keys(reductions).join(", ")}`);
  // An element that several updates meet is met once per round.
  const rounds: Int32Array[] = [];
  const met = new Int32Array(size);
  for (const [i, place] of places.entries()) {
    rounds[met[place]] ??= new Int32Array(size).fill(-1);
    rounds[met[place]++][place] = i;
  }
  const combine = (a: Value, b: Value) => arithmetic[rule.op][0].run([a, b], {}, nowhere) as Value;
  return rounds.reduce((y, round) => combine(y, placed(updates, round, rule.neutral, shapeOf(data))), data);
}

const nowhere = { opset: 0, outputs: 1, call: () => [] };

function replaced(data: Value, updates: Value, places: readonly number[], size: number): Value {
  const source = Int32Array.from({ length: size }, (_, i) => i);
  for (const [i, place] of places.entries()) source[place] = size + i;
  return movedTogether([data, updates], ([x, u]) => {
    const all = cat([x.reshape([x.size]), u.reshape([u.size])], 0);
    return [all.indexSelect(0, all.newFrom(source, [size], "int32")).reshape(x.shape)];
  })[0];
}

/** The updates of one round where they belong; elsewhere what changes nothing. */
function placed(updates: Value, round: Int32Array, neutral: number, shape: readonly number[]): Value {
  const { dtype } = arrayIn(updates);
  const fill = isTensor(arrayIn(updates))
    ? tensorOf(hostNumbers("float32", [1], [neutral])).to(tensorOf(updates).dtype)
    : hostNumbers(dtype, [1], [Number.isFinite(neutral) ? neutral : 0]);
  const count = sizeIn(shapeOf(updates));
  return movedTogether([updates, fill], ([u, f]) => {
    const all = cat([u.reshape([u.size]), f], 0);
    const index = round.map((i) => (i < 0 ? count : i));
    return [all.indexSelect(0, all.newFrom(index, [index.length], "int32")).reshape([...shape])];
  })[0];
}

function scatterElements(
  data: Value,
  indices: Value,
  updates: Value,
  axis: number,
  reduction: string,
): Value {
  const shape = shapeOf(data);
  const dim = dimIn(axis, shape.length);
  const inner = shapeOf(indices);
  const index = numbersOf(indices);
  const at = new Array<number>(inner.length).fill(0);
  const places = Array.from({ length: index.length }, (_, i) => {
    const n = shape[dim];
    if (index[i] < -n || index[i] >= n)
      throw new RangeError(`index ${index[i]} of ${n} — an index is from ${-n} to ${n - 1}`);
    const along = index[i] < 0 ? index[i] + n : index[i];
    const place = shape.reduce((p, size, d) => p * size + (d === dim ? along : at[d]), 0);
    for (let d = inner.length - 1; d >= 0 && ++at[d] === inner[d]; d--) at[d] = 0;
    return place;
  });
  return scatter(data, updates, places, reduction);
}

function scatterND(data: Value, indices: Value, updates: Value, reduction: string): Value {
  const [shape, outer] = [shapeOf(data), shapeOf(indices)];
  const width = outer.at(-1) ?? 0;
  const below = sizeIn(shape.slice(width));
  const tuples = sizeIn(outer.slice(0, -1));
  const rows = tuplePositions(intsOf(indices), width, shape, new Array<number>(tuples).fill(0));
  const places = rows.flatMap((row) => Array.from({ length: below }, (_, i) => row * below + i));
  return scatter(data, updates, places, reduction);
}

/** The slices of a dim (or elements of the whole) for which a condition holds. */
function compress(x: Value, condition: Value, axis: number | undefined): Value {
  const kept = Array.from(numbersOf(condition)).flatMap((holds, i) => (holds ? [i] : []));
  return moved(x, (t) => {
    const from = axis === undefined ? t.reshape([t.size]) : t;
    const dim = dimIn(axis ?? 0, from.rank);
    return from.indexSelect(dim, t.newFrom(kept, [kept.length], "int32"));
  });
}

/** The first elements of every sequence backwards; those behind its length stay. */
function reverseSequence(x: Value, lengths: Value, batchAxis: number, timeAxis: number): Value {
  const ends = intsOf(lengths);
  return moved(x, (t) => {
    const n = t.shape[timeAxis];
    const lines = ends.map((end, b) => {
      const order = Array.from({ length: n }, (_, i) => (i < end ? end - 1 - i : i));
      return t.narrow(batchAxis, b, 1).indexSelect(timeAxis, t.newFrom(order, [n], "int32"));
    });
    return cat(lines, batchAxis);
  });
}

/** `on` at each index, `off` elsewhere. */
function oneHot(indices: Value, depth: Value, values: Value, axis: number): Value {
  const n = Number(numbersOf(depth)[0]);
  const shape = shapeOf(indices);
  const dim = axis < 0 ? axis + shape.length + 1 : axis;
  const below = sizeIn(shape.slice(dim));
  const index = numbersOf(indices);
  const chosen = new Int32Array(index.length * n);
  for (let i = 0; i < index.length; i++) {
    const at = index[i] < 0 ? index[i] + n : index[i];
    if (at >= 0 && at < n) chosen[(Math.floor(i / below) * n + at) * below + (i % below)] = 1;
  }
  const full = [...shape.slice(0, dim), n, ...shape.slice(dim)];
  return moved(values, (t) => t.indexSelect(0, t.newFrom(chosen, [chosen.length], "int32")).reshape(full));
}

/** Where the elements are that are not 0: one column each, in row-major order. */
function nonZero(value: Value): Value {
  const { shape, data } = hostOf(value);
  const found = Array.from(data as ArrayLike<number>).flatMap((x, i) => (x ? [i] : []));
  const rows = shape.map((n, d) => {
    const below = sizeIn(shape.slice(d + 1));
    return found.map((i) => Math.floor(i / below) % n);
  });
  return hostNumbers("int64", [shape.length, found.length], rows.flat());
}

const elementwise = { axis: int(0) };

/** Elements by index: read, written, counted. */
export const indexing: Family = {
  Gather: [op(1, "data indices", { axis: int(0) }, ([x, index], { axis }) => gather(x, index, axis))],
  GatherElements: [
    op(11, "data indices", elementwise, ([x, index], { axis }) => gatherElements(x, index, axis)),
  ],
  GatherND: [
    op(11, "data indices", { batch_dims: int(0) }, ([x, index], a) => gatherND(x, index, a.batch_dims)),
  ],
  Scatter: [
    op(9, "data indices updates", elementwise, ([x, index, updates], { axis }) =>
      scatterElements(x, index, updates, axis, "none"),
    ),
  ],
  ScatterElements: [
    op(11, "data indices updates", { axis: int(0), reduction: text("none") }, ([x, index, updates], a) =>
      scatterElements(x, index, updates, a.axis, a.reduction),
    ),
  ],
  ScatterND: [
    op(11, "data indices updates", { reduction: text("none") }, ([x, index, updates], { reduction }) =>
      scatterND(x, index, updates, reduction),
    ),
  ],
  Compress: [op(9, "input condition", { axis: int() }, ([x, holds], { axis }) => compress(x, holds, axis))],
  ReverseSequence: [
    op(10, "input sequence_lens", { batch_axis: int(1), time_axis: int(0) }, ([x, lengths], a) =>
      reverseSequence(x, lengths, a.batch_axis, a.time_axis),
    ),
  ],
  OneHot: [
    op(9, "indices depth values", { axis: int(-1) }, ([index, depth, values], { axis }) =>
      oneHot(index, depth, values, axis),
    ),
  ],
  NonZero: [op(9, "X", {}, ([x]) => nonZero(x))],
};
