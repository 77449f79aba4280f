import { checked, expectArgument, isList, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { float, int64s, node } from "../../onnx-words.ts";
import { dot } from "../../planes.ts";
import type { Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { IndexSelect } from "../indexing/index-select.ts";
import { checkHolds } from "../indexing/masked-fill.ts";
import { copyInto, fillWith } from "./copy.ts";

/** What new elements hold: one value, the image in a mirror at the edge, the edge itself, or the other end. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  readonly mode?: PadMode;
  /** For mode "constant". */
  readonly value?: number;
}

const negated = (list: Shape) => list.map((n) => -n);

/**
 * `before[d]` and `after[d]` elements of one value added at the ends of every dim d; negative counts take elements away.
 * So the adjoint of padding is padding: with the signs turned round, and with 0.
 */
export class Pad extends Function {
  readonly before: Shape;
  readonly after: Shape;
  readonly value: number;
  constructor(before: Shape, after: Shape, value: number) {
    super();
    [this.before, this.after, this.value] = [before, after, value];
  }
  forward(x: Tensor): Tensor {
    const { before, after } = this;
    const y = x.newEmpty(x.shape.map((n, d) => n + before[d] + after[d]));
    fillWith(y, this.value);
    copyInto(cropped(x, negated(before), negated(after)), cropped(y, before, after));
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new Pad(negated(this.before), negated(this.after), 0).apply(g)];
  }
  override onnx() {
    return node("Pad", { mode: "constant" }, [0, int64s(...this.before, ...this.after), float(this.value)]);
  }
}

/** The part of t without `before` and `after` elements, where these are positive: a view. */
function cropped(t: Tensor, before: Shape, after: Shape): Tensor {
  const [first, last] = [before, after].map((list) => list.map((n) => Math.max(0, n)));
  const shape = t.shape.map((n, d) => Math.max(0, n - first[d] - last[d]));
  return t.newView(shape, t.strides, t.offset + dot(first, t.strides));
}

/** For every position from −before to n + after, which element of a dim of size n stands there. */
const sources: Record<Exclude<PadMode, "constant">, (position: number, n: number) => number> = {
  reflect: (i, n) => (n === 1 ? 0 : n - 1 - Math.abs(n - 1 - modulo(i, 2 * n - 2))),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  circular: (i, n) => modulo(i, n),
};

const modulo = (i: number, n: number) => ((i % n) + n) % n;

/**
 * Pairs (before, after) for the last dim, then for the one before it, and so on, as in PyTorch.
 *
 * Throws    ShapeError for lone numbers, too many pairs, and for more elements than a mode can find
 */
export function pad(x: Tensor, padding: Shape, options: PadOptions): Tensor {
  const { mode = "constant", value = 0 } = checked("pad", options, ["mode", "value"]);
  expectArgument(isList(padding), "pad", "padding", padding, "a list of whole numbers");
  const call = `pad: padding ${show(padding)} for a tensor of shape ${show(x.shape)}`;
  if (padding.length % 2 === 1 || padding.length > 2 * x.rank || !padding.every(Number.isInteger)) {
    throw new ShapeError(
      `${call} — whole numbers in pairs (before, after), last dim first, at most ${x.rank} pairs`,
    );
  }
  checkMode(mode);
  checkHolds("pad", x, value);
  const amounts = (end: 0 | 1) => x.shape.map((_, d) => padding[2 * (x.rank - 1 - d) + end] ?? 0);
  const [before, after] = [amounts(0), amounts(1)];
  x.shape.forEach((n, d) => {
    const size = n + before[d] + after[d];
    if (size < 0) throw new ShapeError(`${call} — dim ${d} would have ${size} elements`);
  });
  if (padding.every((n) => n === 0)) return x;
  if (mode === "constant") return new Pad(before, after, value).apply(x);
  return before.reduce((y, n, d) => extended(y, d, n, after[d], mode, call), x);
}

function checkMode(mode: string): void {
  const modes = ["constant", ...Object.keys(sources)];
  if (!modes.includes(mode))
    throw new TypeError(`pad: mode "${mode}" — modes are ${modes.map((name) => `"${name}"`).join(", ")}`);
}

/** One dim longer (or shorter) by copies of its own elements. */
function extended(
  x: Tensor,
  dim: number,
  before: number,
  after: number,
  mode: Exclude<PadMode, "constant">,
  call: string,
): Tensor {
  if (before === 0 && after === 0) return x;
  const n = x.shape[dim];
  const most = mode === "reflect" ? n - 1 : mode === "circular" ? n : n === 0 ? 0 : Infinity;
  if (Math.max(before, after) > most)
    throw new ShapeError(`${call} — mode "${mode}" finds at most ${most} elements beyond dim ${dim}`);
  const length = n + before + after;
  const positions = Int32Array.from({ length }, (_, j) => sources[mode](j - before, n));
  return new IndexSelect(dim).apply(x, x.newFrom(positions, [length], "int32"));
}
