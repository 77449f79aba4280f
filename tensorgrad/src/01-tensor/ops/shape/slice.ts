import { expectArgument, isList, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { float, int64s, node, type OnnxOperand } from "../../onnx-words.ts";
import { normalDim, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { copyInto, fillWith } from "./copy.ts";
import { reshape } from "./reshape.ts";

/** Every `step`-th element along one dim, from `start` to before `end`; backwards with a negative step, where an end of −1 lies before the first. */
export class Slice extends Function {
  override get movesBits(): boolean {
    return true;
  }
  #from!: Shape;
  readonly dim: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  constructor(dim: number, start: number, end: number, step: number) {
    super();
    [this.dim, this.start, this.end, this.step] = [dim, start, end, step];
  }
  forward(x: Tensor): Tensor {
    this.#from = x.shape;
    const { dim, start, end, step } = this;
    const count = Math.max(0, Math.ceil((end - start) / step));
    const [from, stride] = [x.strides[dim], x.strides[dim] * step];
    const along = count > 1 ? stride : Math.abs(stride); // nobody goes along it, and some would mind a negative one
    return x.newView(x.shape.with(dim, count), x.strides.with(dim, along), x.offset + start * from);
  }
  backward(g: Tensor): Gradient[] {
    return [() => new SliceGrad(this.#from, this).apply(g)];
  }
  override onnx() {
    const { dim, start, end, step } = this;
    const last = end < 0 ? BEFORE_FIRST : end;
    return node("Slice", {}, [0, int64s(start), int64s(last), int64s(dim), int64s(step)]);
  }
}

/** In ONNX an end of −1 would be the last element. */
const BEFORE_FIRST = -(2 ** 31);

/** The adjoint of a slice: its elements put back in place, zeros elsewhere. */
export class SliceGrad extends Function {
  override get movesBits(): boolean {
    return true;
  }
  readonly shape: Shape;
  readonly slice: Slice;
  constructor(shape: Shape, slice: Slice) {
    super();
    [this.shape, this.slice] = [shape, slice];
  }
  forward(g: Tensor): Tensor {
    const x = fillWith(g.newEmpty(this.shape), 0);
    const { dim, start, end, step } = this.slice;
    copyInto(g, new Slice(dim, start, end, step).forward(x));
    return x;
  }
  backward(g: Tensor): Gradient[] {
    const { dim, start, end, step } = this.slice;
    return [() => new Slice(dim, start, end, step).apply(g)];
  }
  /** Zeros around it; with a step, each element first becomes a row of one and `step − 1` zeros. */
  override onnx() {
    const { dim, ...backwards } = this.slice;
    const count = Math.max(0, Math.ceil((backwards.end - backwards.start) / backwards.step));
    // Elements that were taken backwards are turned round first; then they are those of a slice forwards.
    const turned = backwards.step < 0;
    const g = turned ? node("Slice", {}, [0, int64s(-1), int64s(BEFORE_FIRST), int64s(dim), int64s(-1)]) : 0;
    const step = Math.abs(backwards.step);
    const start = turned ? backwards.start - (count - 1) * step : backwards.start;
    const end = turned ? backwards.start + 1 : backwards.end;
    const after = this.shape[dim] - end;
    const pad = (x: OnnxOperand, d: number, before: number, after: number) =>
      node("Pad", {}, [x, int64s(before, after), float(0), int64s(d)]);
    if (step === 1) return pad(g, dim, start, after);
    const length = Math.ceil((end - start) / step) * step;
    const rows = pad(node("Unsqueeze", {}, [g, int64s(dim + 1)]), dim + 1, 0, step - 1);
    const spread = node("Reshape", {}, [rows, int64s(...this.shape.with(dim, length))]);
    return pad(spread, dim, start, this.shape[dim] - start - length); // a negative pad cuts off
  }
}

export function slice(
  x: Tensor,
  dim: number,
  start: number | undefined,
  end: number | undefined,
  step: number,
): Tensor {
  const d = dimOf("slice", x, dim);
  if (!Number.isInteger(step) || step === 0)
    throw new RangeError(
      `slice: step ${step} along dim ${dim} of ${show(x.shape)} — a step is an integer, and not 0`,
    );
  const n = x.shape[d];
  for (const at of [start ?? 0, end ?? n]) {
    if (!Number.isInteger(at) && Math.abs(at) !== Infinity)
      throw new RangeError(
        `slice: from ${start ?? 0} to ${end ?? n} along dim ${dim} of ${show(x.shape)} — positions are integers`,
      );
  }
  // As in Python: backwards, positions lie between −1 (before the first) and n − 1.
  const [least, most] = step > 0 ? [0, n] : [-1, n - 1];
  const position = (i: number) => Math.min(Math.max(i < 0 ? i + n : i, least), most);
  const from = start === undefined ? (step > 0 ? 0 : n - 1) : position(start);
  const to = end === undefined ? (step > 0 ? n : -1) : position(end);
  const none = step > 0 ? to <= from : to >= from;
  return (none ? new Slice(d, 0, 0, 1) : new Slice(d, from, to, step)).apply(x);
}

export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const d = dimOf("narrow", x, dim);
  const whole = Number.isInteger(start) && Number.isInteger(length);
  if (!whole || start < 0 || length < 0 || start + length > x.shape[d]) {
    const rule = whole ? `the range must lie within 0 and ${x.shape[d]}` : "both are integers";
    throw new RangeError(`narrow: ${length} from ${start} along dim ${dim} of ${show(x.shape)} — ${rule}`);
  }
  return new Slice(d, start, start + length, 1).apply(x);
}

export function select(x: Tensor, dim: number, index: number): Tensor {
  const d = dimOf("select", x, dim);
  const i = index < 0 ? index + x.shape[d] : index;
  if (!Number.isInteger(i) || i < 0 || i >= x.shape[d]) {
    throw new RangeError(
      `select: index ${index} along dim ${dim} of ${show(x.shape)} — indices go from ${-x.shape[d]} to ${x.shape[d] - 1}`,
    );
  }
  return reshape(new Slice(d, i, i + 1, 1).apply(x), x.shape.toSpliced(d, 1));
}

export function dimOf(call: string, x: Tensor, dim: number): number {
  if (x.rank === 0)
    throw new ShapeError(`${call}: dim ${dim} of a tensor of shape [] — a scalar has no dims`);
  return normalDim(call, dim, x.shape);
}

/** The parts of a tensor along a dim: of `size` elements each, the last one maybe shorter, or of the sizes in a list. */
export function split(x: Tensor, size: number | readonly number[], dim: number): Tensor[] {
  const n = x.shape[dimOf("split", x, dim)];
  if (typeof size === "number" && !(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(
      `split: dim ${dim} of ${show(x.shape)} into parts of ${size} — a part has an integer number of elements, at least 1`,
    );
  }
  expectArgument(
    typeof size === "number" || isList(size),
    "split",
    "size",
    size,
    "a number or a list of numbers",
  );
  const sizes = typeof size === "number" ? partsOf(n, size) : size;
  const fits = sizes.every((part) => Number.isInteger(part) && part >= 0);
  if (!fits || sizes.reduce((sum, part) => sum + part, 0) !== n) {
    throw new ShapeError(
      `split: dim ${dim} of ${show(x.shape)} into ${show(sizes)} — sizes are integers ≥ 0 that add up to ${n}`,
    );
  }
  let end = 0;
  return sizes.map((part) => {
    end += part;
    return narrow(x, dim, end - part, part);
  });
}

/** n in parts of `size`; nothing is still one (empty) part. */
const partsOf = (n: number, size: number): readonly number[] =>
  Array.from({ length: Math.max(1, Math.ceil(n / size)) }, (_, i) => Math.min(size, n - i * size));

/** At most `chunks` parts of one size, the last one maybe shorter. As in PyTorch, rounding up may leave fewer parts. */
export function chunk(x: Tensor, chunks: number, dim: number): Tensor[] {
  const n = x.shape[dimOf("chunk", x, dim)];
  if (!Number.isInteger(chunks) || chunks < 1)
    throw new RangeError(`chunk: dim ${dim} of ${show(x.shape)} into ${chunks} — an integer ≥ 1`);
  return n === 0 ? split(x, new Array<number>(chunks).fill(0), dim) : split(x, Math.ceil(n / chunks), dim);
}
