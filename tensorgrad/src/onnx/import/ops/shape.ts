import { cat, type Tensor } from "../../../01-tensor/index.ts";
import { float, int, ints, required, text } from "../attributes.ts";
import { moved, movedTogether } from "../moved.ts";
import { type Family, op } from "../operator.ts";
import {
  arrayIn,
  dimIn,
  hostNumbers,
  hostOf,
  intsOf,
  numberIn,
  rankOf,
  shapeOf,
  sizeIn,
  someInts,
  type Value,
} from "../values.ts";

/** The shape that Reshape asks for: 0 keeps a size, −1 is what remains. */
function newShape(asked: readonly number[], old: readonly number[], allowzero: number): number[] {
  const sizes = asked.map((n, i) => (n === 0 && !allowzero ? old[i] : n));
  const open = sizes.indexOf(-1);
  if (open < 0) return sizes;
  const others = sizeIn(sizes.filter((_, i) => i !== open));
  return sizes.with(open, others === 0 ? 0 : sizeIn(old) / others);
}

const reshaped = (x: Value, shape: readonly number[], allowzero: number): Value =>
  moved(x, (t) => t.reshape(newShape(shape, t.shape, allowzero)));

const unsqueezed = (x: Value, axes: readonly number[]): Value =>
  moved(x, (t) => {
    const rank = t.rank + axes.length;
    const dims = axes.map((axis) => dimIn(axis, rank)).sort((a, b) => a - b);
    return dims.reduce((y, dim) => y.unsqueeze(dim), t);
  });

function squeezed(x: Value, axes: readonly number[] | undefined): Value {
  return moved(x, (t) => {
    if (!axes) return t.squeeze();
    const dims = axes.map((axis) => dimIn(axis, t.rank));
    const wrong = dims.find((dim) => t.shape[dim] !== 1);
    if (wrong !== undefined)
      throw new RangeError(`axis ${wrong} of size ${t.shape[wrong]} — only a size of 1 goes away`);
    return t.reshape(t.shape.filter((_, d) => !dims.includes(d)));
  });
}

function flattened(x: Value, axis: number): Value {
  const shape = shapeOf(x);
  const dim = axis < 0 ? axis + shape.length : axis;
  return moved(x, (t) => t.reshape([sizeIn(shape.slice(0, dim)), sizeIn(shape.slice(dim))]));
}

const transposed = (x: Value, perm: readonly number[] | undefined): Value =>
  moved(x, (t) => t.permute(perm ?? t.shape.map((_, i) => t.rank - 1 - i)));

/** Positions of one dim from `start` to before `end`; a negative step goes backwards. */
function sliced(t: Tensor, dim: number, start: number, end: number, step: number): Tensor {
  const n = t.shape[dim];
  const clamp = (i: number, low: number, high: number) => Math.min(Math.max(i < 0 ? i + n : i, low), high);
  if (step > 0) return t.slice(dim, clamp(start, 0, n), clamp(end, 0, n), step);
  const [from, to] = [clamp(start, -1, n - 1), end < -n ? -1 : clamp(end, -1, n - 1)];
  return t.flip(dim).slice(dim, n - 1 - from, n - 1 - to, -step);
}

interface Slices {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[] | undefined;
  readonly steps?: readonly number[] | undefined;
}

function slice(x: Value, { starts, ends, axes, steps }: Slices): Value {
  if (ends.length !== starts.length)
    throw new RangeError(`${starts.length} starts and ${ends.length} ends — as many of both`);
  if (steps?.includes(0)) throw new RangeError("step 0 — a step is not 0");
  return moved(x, (t) =>
    starts.reduce((y, start, i) => {
      const dim = dimIn(axes?.[i] ?? i, t.rank);
      return sliced(y, dim, start, ends[i], steps?.[i] ?? 1);
    }, t),
  );
}

/** Both shapes broadcast: the asked one may have sizes of 1, too. */
function expanded(x: Value, asked: readonly number[]): Value {
  return moved(x, (t) => {
    const rank = Math.max(t.rank, asked.length);
    const own = [...new Array<number>(rank - t.rank).fill(1), ...t.shape];
    const shape = own.map((n, i) => {
      const wanted = asked[i - (rank - asked.length)] ?? 1;
      return wanted === 1 ? n : wanted;
    });
    return t.reshape(own).expand(shape);
  });
}

function concatenated(values: readonly Value[], axis: number): Value {
  const dim = dimIn(axis, rankOf(values[0]));
  return movedTogether(values, (x) => [cat(x, dim)])[0];
}

/** Parts of equal size, the last one smaller, unless sizes are given. */
function split(x: Value, axis: number, sizes: readonly number[] | undefined, count: number): Value[] {
  const dim = dimIn(axis, rankOf(x));
  const n = shapeOf(x)[dim];
  const each = Math.ceil(n / count);
  const lengths = sizes ?? Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, n - i * each)));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== n)
    throw new RangeError(`sizes ${lengths.join(", ")} of ${n} — the sizes of all parts make up the whole`);
  return movedTogether([x], ([t]) => {
    let start = 0;
    return lengths.map((length) => {
      const part = t.narrow(dim, start, length);
      start += length;
      return part;
    });
  });
}

const modes: Readonly<Record<string, "constant" | "reflect" | "replicate" | "circular">> = {
  constant: "constant",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

/** Pads come as all beginnings, then all ends; tensorgrad takes pairs, the last dim first. */
export function padded(
  x: Value,
  pads: readonly number[],
  name: string,
  fill: Value,
  axes?: readonly number[],
): Value {
  const mode = modes[name];
  if (!mode) throw new TypeError(`mode "${name}" — known are ${Object.keys(modes).join(", ")}`);
  const dims = axes?.map((axis) => dimIn(axis, rankOf(x))) ?? shapeOf(x).map((_, d) => d);
  if (pads.length !== 2 * dims.length)
    throw new RangeError(`${pads.length} pads for ${dims.length} dims — one before and one after each`);
  if (mode === "constant") {
    const value = fill ? hostOf(fill) : null;
    const first = value && value.data.length > 0 ? (value.data[0] as number) : 0;
    const pairs = shapeOf(x).map((_, d) => {
      const i = dims.indexOf(d);
      return i < 0 ? [0, 0] : [pads[i], pads[i + dims.length]];
    });
    const isHost = !("storage" in arrayIn(x));
    return moved(x, (t) => t.pad(pairs.reverse().flat(), { value: isHost ? -1 : Number(first) }), first);
  }
  return moved(x, (t) =>
    dims.reduce((y, dim, i) => mirrored(y, dim, pads[i], pads[i + dims.length], mode), t),
  );
}

/** Where the pixel at position i of a padded line lies in the line itself. */
const places = {
  reflect: (i: number, n: number): number => {
    const period = Math.max(1, 2 * (n - 1));
    const p = ((i % period) + period) % period;
    return p < n ? p : period - p;
  },
  replicate: (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1),
  circular: (i: number, n: number): number => ((i % n) + n) % n,
};

function mirrored(t: Tensor, dim: number, before: number, after: number, mode: keyof typeof places): Tensor {
  if (before === 0 && after === 0) return t;
  const n = t.shape[dim];
  const index = Int32Array.from({ length: n + before + after }, (_, i) => places[mode](i - before, n));
  return t.indexSelect(dim, t.newFrom(index, [index.length], "int32"));
}

/** Blocks of pixels between channels and space. */
function depthToSpace(x: Value, block: number, mode: string): Value {
  return moved(x, (t) => {
    const [N, C, H, W] = t.shape;
    const depth = C / block ** 2;
    const [shape, order] =
      mode === "CRD"
        ? [
            [N, depth, block, block, H, W],
            [0, 1, 4, 2, 5, 3],
          ]
        : [
            [N, block, block, depth, H, W],
            [0, 3, 4, 1, 5, 2],
          ];
    return t
      .reshape(shape)
      .permute(order)
      .reshape([N, depth, H * block, W * block]);
  });
}

function spaceToDepth(x: Value, block: number): Value {
  return moved(x, (t) => {
    const [N, C, H, W] = t.shape;
    const blocks = t.reshape([N, C, H / block, block, W / block, block]).permute([0, 3, 5, 1, 2, 4]);
    return blocks.reshape([N, C * block ** 2, H / block, W / block]);
  });
}

/** What stands at a place, and how often it is repeated along each dim. */
const tiled = (x: Value, times: readonly number[]): Value => moved(x, (t) => t.repeat([...times]));

/** The triangle of matrices above or below a diagonal; the rest is 0. */
function triangle(x: Value, k: number, upper: number): Value {
  return movedWithZero(x, (t) => (upper ? t.triu(k) : t.tril(k)));
}

/** Positions are counted from 1 here, so that what becomes 0 is the filling. */
function movedWithZero(x: Value, move: (t: Tensor) => Tensor): Value {
  return "storage" in arrayIn(x) ? moved(x, move) : moved(x, (t) => move(t.add(1)).sub(1));
}

/** Operators that only move elements. */
export const shapes: Family = {
  Identity: [op(1, "input", {}, ([x]) => x)],
  Reshape: [
    op(5, "data shape", { allowzero: int(0) }, ([x, shape], a) => reshaped(x, intsOf(shape), a.allowzero)),
  ],
  Flatten: [op(1, "input", { axis: int(1) }, ([x], { axis }) => flattened(x, axis))],
  Transpose: [op(1, "data", { perm: ints() }, ([x], { perm }) => transposed(x, perm))],
  Squeeze: [
    op(1, "data", { axes: ints() }, ([x], { axes }) => squeezed(x, axes)),
    op(13, "data axes?", {}, ([x, axes]) => squeezed(x, someInts(axes))),
  ],
  Unsqueeze: [
    op(1, "data", { axes: required(ints()) }, ([x], { axes }) => unsqueezed(x, axes)),
    op(13, "data axes", {}, ([x, axes]) => unsqueezed(x, intsOf(axes))),
  ],
  Slice: [
    op(1, "data", { starts: required(ints()), ends: required(ints()), axes: ints() }, ([x], a) =>
      slice(x, a),
    ),
    op(10, "data starts ends axes? steps?", {}, ([x, starts, ends, axes, steps]) =>
      slice(x, { starts: intsOf(starts), ends: intsOf(ends), axes: someInts(axes), steps: someInts(steps) }),
    ),
  ],
  Expand: [op(8, "input shape", {}, ([x, shape]) => expanded(x, intsOf(shape)))],
  Tile: [op(6, "input repeats", {}, ([x, repeats]) => tiled(x, intsOf(repeats)))],
  Concat: [op(4, "inputs*", { axis: required(int()) }, (x, { axis }) => concatenated(x, axis))],
  Split: [
    op(2, "input", { axis: int(0), split: ints() }, ([x], a, context) =>
      split(x, a.axis, a.split, context.outputs),
    ),
    op(13, "input split?", { axis: int(0), num_outputs: int() }, ([x, sizes], a, context) =>
      split(x, a.axis, someInts(sizes), a.num_outputs ?? context.outputs),
    ),
  ],
  Pad: [
    op(2, "data", { mode: text("constant"), pads: required(ints()), value: float(0) }, ([x], a) =>
      padded(x, a.pads, a.mode, hostNumbers("float32", [], [a.value])),
    ),
    op(
      11,
      "data pads constant_value?= axes?",
      { mode: text("constant") },
      ([x, pads, value, axes], { mode }) => padded(x, intsOf(pads), mode, value, someInts(axes)),
    ),
  ],
  DepthToSpace: [
    op(1, "input", { blocksize: required(int()), mode: text("DCR") }, ([x], a) =>
      depthToSpace(x, a.blocksize, a.mode),
    ),
  ],
  SpaceToDepth: [
    op(1, "input", { blocksize: required(int()) }, ([x], { blocksize }) => spaceToDepth(x, blocksize)),
  ],
  Trilu: [
    op(14, "input k?", { upper: int(1) }, ([x, k], { upper }) => triangle(x, k ? numberIn(k) : 0, upper)),
  ],
};
