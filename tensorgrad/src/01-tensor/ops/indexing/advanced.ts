import { ShapeError, show } from "../../../00-runtime/index.ts";
import { isTensor } from "../../operands.ts";
import { unobserved } from "../../reads.ts";
import { isRecordingAll } from "../../recording.ts";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { IndexSelect } from "./index-select.ts";
import { checkIndexType } from "./indices.ts";

/**
 * What stands for a dim in `x.index(…)`: a tensor of int32 of any shape, a mask of bool (which stands for as many dims as it
 * has), a number, ":" for all of it, or "..." for all dims that are not named.
 */
export type Index = Tensor | number | ":" | "...";

/**
 * Elements by their indices, dim by dim.
 *
 *   x.index(rows)              y[…] = x[rows[…], :]: a row for every element of `rows`
 *   x.index(rows, cols)        y[…] = x[rows[…], cols[…]]: both broadcast together
 *   x.index("...", cols)       along the last dim
 *   x.index(x.gt(0))           the elements for which the mask holds, as a list
 *
 * Indices count from 0, negative ones from the end. The dims of the indices come in the place of those that they stand for, or
 * first if others lie between these; a number takes its dim away before.
 *
 * Gradient  x: every element of g added to the place it came from
 * ONNX      Gather. What a mask chooses depends on numbers: its shape is not known before
 * Source    NumPy's and PyTorch's advanced indexing
 */
export function index(x: Tensor, ...given: readonly Index[]): Tensor {
  const parts = completed(x, given);
  let [y, dim] = [x, 0];
  const looked: { readonly dim: number; readonly index: Tensor }[] = [];
  for (const part of parts) {
    if (typeof part === "number") y = taken(x, y, dim, part);
    else if (part === ":") dim++;
    else if (part.dtype === "bool") {
      looked.push({ dim, index: positions(x, part, y.shape.slice(dim, dim + part.rank)) });
      y = y.reshape([...y.shape.slice(0, dim), sizeOf(part.shape), ...y.shape.slice(dim + part.rank)]);
      dim++;
    } else looked.push({ dim, index: counted(part, y.shape[dim], x, dim++) });
  }
  return looked.length === 0 ? y : lookedUp(y, looked);
}

type Part = Tensor | number | ":";

/** How many dims an index stands for. */
const spans = (part: Part): number => (isTensor(part) && part.dtype === "bool" ? part.rank : 1);

/** With "..." written out, and everything checked that needs no numbers. */
function completed(x: Tensor, given: readonly Index[]): Part[] {
  for (const part of given) checkPart(x, part);
  const named = given.filter((part): part is Part => part !== "...");
  const open = x.rank - named.reduce<number>((sum, part) => sum + spans(part), 0);
  if (open < 0 || given.length - named.length > 1)
    throw new ShapeError(
      `index: ${given.length} indices for ${x.rank - open} dims of a tensor of shape ${show(x.shape)} — at most ${x.rank}, and at ` +
        'most one "..."',
    );
  const all = new Array<Part>(open).fill(":");
  const at = given.indexOf("...");
  return at < 0 ? [...named, ...all] : [...named.slice(0, at), ...all, ...named.slice(at)];
}

function checkPart(x: Tensor, part: Index): void {
  if (part === ":" || part === "..." || Number.isInteger(part)) return;
  if (typeof part === "number")
    throw new RangeError(`index: index ${part} of a tensor of shape ${show(x.shape)} — indices are integers`);
  if (!isTensor(part))
    throw new TypeError(
      `index: ${typeof part === "string" ? `"${part}"` : String(part)} for a tensor of shape ${show(x.shape)} — an index is a ` +
        'tensor of int32 or bool, an integer, ":" or "..."',
    );
  if (part.dtype !== "bool") checkIndexType("index", part);
  else if (part.rank === 0) throw new ShapeError("index: a mask of shape [] — a mask has at least one dim");
}

function taken(x: Tensor, y: Tensor, dim: number, at: number): Tensor {
  const n = y.shape[dim];
  if (at >= -n && at < n) return y.select(dim, at);
  throw beyond(x, at, "", n);
}

const beyond = (x: Tensor, at: number, where: string, n: number): RangeError =>
  new RangeError(
    `index: index ${at}${where} of a tensor of shape ${show(x.shape)} — ` +
      (n === 0 ? "that dim is empty" : `indices go from ${-n} to ${n - 1} there`),
  );

/** Where the mask holds, as positions in row-major order of the dims that it stands for. */
function positions(x: Tensor, mask: Tensor, place: Shape): Tensor {
  if (!sameShape(mask.shape, place))
    throw new ShapeError(
      `index: a mask of shape ${show(mask.shape)} for dims ${show(place)} of a tensor of shape ${show(x.shape)} — both must be equal`,
    );
  const found: number[] = [];
  mask.data.forEach((holds, i) => {
    if (holds) found.push(i);
  });
  return mask.newFrom(found, [found.length], "int32");
}

/** Indices from 0 to n − 1; negative ones become them. */
function counted(index: Tensor, n: number, x: Tensor, dim: number): Tensor {
  const values = unobserved(() => index.data);
  let negative = isRecordingAll(); // a graph is made for other indices than these
  for (const at of values) {
    if (at >= n || at < -n) throw beyond(x, at, ` along dim ${dim}`, n);
    if (at < 0) negative = true;
  }
  return negative ? index.lt(0).where(index.add(n), index) : index;
}

/** All dims that are looked up, side by side as one: a single index tells where along it. */
function lookedUp(x: Tensor, looked: readonly { readonly dim: number; readonly index: Tensor }[]): Tensor {
  const dims = looked.map(({ dim }) => dim);
  const adjacent = dims.every((dim, i) => dim === dims[0] + i);
  const before = adjacent ? dims[0] : 0;
  const others = [...x.shape.keys()].filter((d) => !dims.includes(d));
  const order = [...others.slice(0, before), ...dims, ...others.slice(before)];
  const sizes = (list: readonly number[]) => list.map((d) => x.shape[d]);
  const [lead, rest] = [sizes(others.slice(0, before)), sizes(others.slice(before))];
  const shape = looked.map(({ index }) => index.shape).reduce((a, b) => broadcastShapes("index", a, b));
  const line = looked.reduce<Tensor | null>(
    (sum, { dim, index }) => (sum === null ? index : sum.mul(x.shape[dim]).add(index)),
    null,
  ) as Tensor;
  const moved = dims.length === 1 && adjacent ? x : x.permute(order);
  const flat = dims.length === 1 ? moved : moved.reshape([...lead, sizeOf(sizes(dims)), ...rest]);
  const list = line.rank === 1 ? line : line.expand(shape).reshape(-1);
  return new IndexSelect(before).apply(flat, list).reshape([...lead, ...shape, ...rest]);
}
