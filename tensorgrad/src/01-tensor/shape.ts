import { expectArgument, isList, ShapeError, show } from "../00-runtime/index.ts";

/** Arithmetic of shapes: pure functions on lists of numbers, no tensors. */
export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
};

// exercise: tensor-strides
/** Row-major strides, in elements: the last dim is contiguous. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** Whether elements lie in row-major order without gaps; the stride of a dim of size 1 does not matter. */
export function areContiguous(shape: Shape, strides: Shape): boolean {
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return shape.includes(0);
    step *= shape[i];
  }
  return true;
}

/**
 * Whether two elements may be one place in memory: a dim that is stretched (stride 0), or steps smaller than what they step over.
 * Right for every layout that views make; where dims interleave it may say so without need.
 */
export function overlaps(shape: Shape, strides: Shape): boolean {
  if (shape.includes(0)) return false;
  const dims = shape.flatMap((n, i) => (n === 1 ? [] : [{ n, stride: Math.abs(strides[i]) }]));
  dims.sort((a, b) => a.stride - b.stride);
  let reach = 0; // the farthest element of the dims before
  for (const { n, stride } of dims) {
    if (stride <= reach) return true;
    reach += (n - 1) * stride;
  }
  return false;
}

/**
 * The dims of more than one element, from the outermost in memory to the innermost, if the elements lie there without gaps
 * and overlaps; else null.
 */
export function memoryOrder(shape: Shape, strides: Shape): number[] | null {
  const order: number[] = [];
  for (let i = 0; i < shape.length; i++) if (shape[i] !== 1) order.push(i);
  if (areContiguous(shape, strides)) return order; // nearly always; sorting takes longer than to add four numbers
  order.sort((i, j) => strides[j] - strides[i]);
  const at = (list: Shape) => order.map((i) => list[i]);
  return areContiguous(at(shape), at(strides)) ? order : null;
}

export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** The shape given as a list or as numbers: a new list. `flat` takes a microsecond, and every reshape comes by here. */
export function asShape(shape: readonly (number | Shape)[]): number[] {
  const [first] = shape;
  if (shape.length === 1 && Array.isArray(first)) return first.slice();
  return shape.every((n) => typeof n === "number") ? shape.slice() : (shape.flat() as number[]);
}

export function checkShape(call: string, shape: Shape): void {
  expectArgument(isList(shape), call, "shape", shape, "a number or a list of sizes, such as [2, 3]");
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) {
      throw new ShapeError(`${call}: shape ${show(shape)} — sizes must be integers ≥ 0, got ${n}`);
    }
  }
}

/** A dim counted from the front: −1 is the last. */
export function normalDim(call: string, dim: number, shape: Shape, extra = 0): number {
  const rank = shape.length + extra;
  if (Number.isInteger(dim) && dim >= -rank && dim < rank) return dim < 0 ? dim + rank : dim;
  if (rank === 0 && (dim === 0 || dim === -1)) return 0;
  const range = rank === 0 ? "a scalar has no dims" : `dims go from ${-rank} to ${rank - 1}`;
  throw new ShapeError(`${call}: dim ${dim} of a tensor of shape ${show(shape)} — ${range}`);
}

/** `undefined` means all dims. */
export function normalDims(
  call: string,
  dims: number | readonly number[] | undefined,
  shape: Shape,
): number[] {
  if (dims === undefined) return shape.map((_, i) => i);
  expectArgument(
    typeof dims === "number" || isList(dims),
    call,
    "dims",
    dims,
    "a number or a list of numbers",
  );
  const list = (typeof dims === "number" ? [dims] : dims).map((dim) => normalDim(call, dim, shape));
  if (new Set(list).size !== list.length) {
    throw new ShapeError(
      `${call}: dims ${show(dims as number[])} of a tensor of shape ${show(shape)} — each dim may be named once`,
    );
  }
  return shape.length === 0 ? [] : list.sort((a, b) => a - b);
}

// exercise: tensor-broadcast
/**
 * The shape both operands stretch to: dims are aligned at the end, and sizes must be equal or one of them 1.
 *
 * Throws    ShapeError naming the first dim (from the end) that does not fit
 * Source    NumPy's broadcasting rules
 */
export function broadcastShapes(call: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [a[a.length - i] ?? 1, b[b.length - i] ?? 1];
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${call}: shapes ${show(a)} and ${show(b)} do not broadcast: dim -${i} is ${m} on the left and ${n} on the right ` +
          "(sizes must be equal, or one of them 1)",
      );
    }
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** Strides of an operand seen in a larger shape: 0 along every dim it is stretched over. */
export function broadcastStrides(shape: Shape, strides: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  return target.map((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? 0 : strides[i - lead]));
}

/** The dims of `large` that broadcasting stretched to get there from `small`. */
export function stretchedDims(small: Shape, large: Shape): number[] {
  const lead = large.length - small.length;
  return large.flatMap((n, i) => (i < lead || (small[i - lead] === 1 && n !== 1) ? [i] : []));
}

function areSizes(shape: Shape): boolean {
  for (const n of shape) if (!Number.isInteger(n) || n < 0) return false;
  return true;
}

/** Fills in the one size given as −1 and checks that no element is gained or lost. */
export function completeShape(call: string, from: Shape, to: Shape): number[] {
  expectArgument(isList(to), call, "shape", to, "a list of sizes, such as [2, 3]");
  const size = sizeOf(from);
  const open = to.indexOf(-1);
  const shape = to.slice();
  let known = 1;
  for (let i = 0; i < to.length; i++) if (i !== open) known *= to[i];
  if (open >= 0) shape[open] = size / known; // 0/0 is NaN, and refused
  if (areSizes(shape) && sizeOf(shape) === size) return shape;
  const rule =
    open >= 0 && known === 0 && size === 0
      ? "beside a 0, -1 could be any size"
      : "at most one size may be -1";
  throw new ShapeError(
    `${call}: ${show(from)} to ${show(to)} — ${size} elements must stay ${size}, and ${rule}`,
  );
}

// exercise: tensor-view-strides
/**
 * Strides that show the same elements in another shape without a copy, or null where there are none.
 * Runs of dims that lie gapless in memory are found from the end, and the new dims are dealt out among them.
 */
export function viewStrides(shape: Shape, strides: Shape, to: Shape): number[] | null {
  if (areContiguous(shape, strides)) return stridesOf(to);
  const result = new Array<number>(to.length).fill(1);
  let next = to.length - 1;
  for (let i = beforeOnes(shape, shape.length - 1); i >= 0; ) {
    let step = strides[i];
    let run = shape[i];
    i = beforeOnes(shape, i - 1);
    for (; i >= 0 && strides[i] === step * run; i = beforeOnes(shape, i - 1)) run *= shape[i];
    for (; run > 1; next--) {
      if (run % to[next] !== 0) return null;
      result[next] = step;
      step *= to[next];
      run /= to[next];
    }
  }
  return result;
}

/** The last dim up to number i that has more than one element; −1 if none. */
function beforeOnes(shape: Shape, i: number): number {
  while (i >= 0 && shape[i] === 1) i--;
  return i;
}

/** Whether broadcasting turns `small` into exactly `large`. */
export const broadcastsTo = (small: Shape, large: Shape): boolean =>
  small.length <= large.length &&
  small.every((n, i) => n === 1 || n === large[i + large.length - small.length]);
