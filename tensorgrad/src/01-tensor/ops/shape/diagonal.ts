import { checked, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { int64s, node } from "../../onnx-words.ts";
import { normalDim, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** Which diagonal of which matrices. */
export interface DiagonalOptions {
  /** 0 is the main diagonal; 1 the one right of it, −1 the one below. */
  readonly offset?: number;
  readonly dim0?: number;
  readonly dim1?: number;
}

/**
 * The elements of a diagonal of matrices, as a new last dim.
 *
 *   y[…, i] = x[i, i + offset, …]      (dims 0 and 1)
 *
 * A view: one step along the diagonal is a step along both dims.
 *
 * Gradient  x: g on the diagonal, 0 elsewhere
 * ONNX      Gather from the matrices as lines
 */
export class Diagonal extends Function {
  #from!: Shape;
  readonly offset: number;
  readonly dims: readonly [number, number];
  constructor(offset: number, dims: readonly [number, number]) {
    super();
    [this.offset, this.dims] = [offset, dims];
  }
  forward(x: Tensor): Tensor {
    this.#from = x.shape;
    const [rows, cols] = this.dims.map((d) => x.strides[d]);
    const { others, below, right, length } = this.#place();
    const pick = (list: Shape) => others.map((d) => list[d]);
    const start = length > 0 ? below * rows + right * cols : 0;
    return x.newView([...pick(x.shape), length], [...pick(x.strides), rows + cols], x.offset + start);
  }
  backward(g: Tensor): Gradient[] {
    return [() => this.#putBack(g)];
  }
  override onnx() {
    const [rows, cols] = this.dims.map((d) => this.#from[d]);
    const { others, below, right, length } = this.#place();
    const places = Array.from({ length }, (_, i) => (below + i) * cols + right + i);
    const matrices = node("Transpose", { perm: [...others, ...this.dims] }, [0]);
    const lines = node("Reshape", {}, [matrices, int64s(...others.map(() => 0), rows * cols)]); // 0: as it is
    return node("Gather", { axis: others.length }, [lines, int64s(...places)]);
  }
  /** How many rows lie above the first element, and how many columns left of it. */
  #place() {
    const [rows, cols] = this.dims.map((d) => this.#from[d]);
    const [below, right] = [Math.max(0, -this.offset), Math.max(0, this.offset)];
    const others = this.#from.flatMap((_, d) => (this.dims.includes(d) ? [] : [d]));
    return { others, below, right, length: Math.max(0, Math.min(rows - below, cols - right)) };
  }
  #putBack(g: Tensor): Tensor {
    const [rows, cols] = this.dims.map((d) => this.#from[d]);
    const { others, below, right, length } = this.#place();
    const positions = g.newFrom(
      Int32Array.from({ length }, (_, i) => i),
      [length],
      "int32",
    );
    const square = positions.unsqueeze(1).eq(positions).where(g.unsqueeze(-1), 0); // [..., length, length]
    const matrices = square.pad([right, cols - right - length, below, rows - below - length]);
    const order = [...others, ...this.dims];
    return matrices.permute(order.map((_, d) => order.indexOf(d)));
  }
}

export function diagonal(x: Tensor, options: DiagonalOptions): Tensor {
  const call = "diagonal";
  const { offset = 0, dim0 = 0, dim1 = 1 } = checked(call, options, ["offset", "dim0", "dim1"]);
  const dims = [normalDim(call, dim0, x.shape), normalDim(call, dim1, x.shape)] as const;
  if (x.rank < 2 || dims[0] === dims[1])
    throw new ShapeError(
      `${call}: dims ${dim0} and ${dim1} of a tensor of shape ${show(x.shape)} — two different dims span the matrices`,
    );
  if (!Number.isInteger(offset))
    throw new RangeError(`${call}: offset ${offset} of a tensor of shape ${show(x.shape)} — an integer`);
  return new Diagonal(offset, dims).apply(x);
}

/** Σ x[i, i] of a matrix. */
export function trace(x: Tensor): Tensor {
  if (x.rank === 2) return diagonal(x, {}).sum();
  throw new ShapeError(
    `trace: a tensor of shape ${show(x.shape)} — a matrix; for batches x.diagonal(…).sum(-1)`,
  );
}
