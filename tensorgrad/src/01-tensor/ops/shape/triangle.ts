import { kernels, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { int64s, node } from "../../onnx-words.ts";
import { sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import * as reference from "./triangle.reference.ts";

const kernel = kernels(reference);

/**
 * The part of matrices (the last two dims) on and below, or on and above, a diagonal; zeros elsewhere, even for NaN.
 * Diagonal 0 is the main one, 1 the next above it. A projection: its own adjoint.
 */
abstract class Triangle extends Function {
  abstract readonly upper: boolean;
  readonly diagonal: number;
  constructor(diagonal: number) {
    super();
    this.diagonal = diagonal;
  }
  forward(x: Tensor): Tensor {
    const [rows, cols] = x.shape.slice(-2);
    const y = x.newEmpty(x.shape);
    const batch = sizeOf(x.shape.slice(0, -2));
    kernel.triangle(x.contiguous(), y, batch, rows, cols, this.diagonal, Number(this.upper));
    return y;
  }
  abstract override backward(g: Tensor): Gradient[];
  override onnx() {
    return node("Trilu", { upper: Number(this.upper) }, [
      0,
      { ...int64s(this.diagonal), shape: [] }, // a scalar
    ]);
  }
}

/** Matrices below and on a diagonal, zeros above. Gradient: the same part of g. */
export class Tril extends Triangle {
  readonly upper = false;
  backward(g: Tensor): Gradient[] {
    return [() => new Tril(this.diagonal).apply(g)];
  }
}

/** Matrices above and on a diagonal, zeros below. Gradient: the same part of g. */
export class Triu extends Triangle {
  readonly upper = true;
  backward(g: Tensor): Gradient[] {
    return [() => new Triu(this.diagonal).apply(g)];
  }
}

export function triangle(call: "tril" | "triu", x: Tensor, diagonal: number): Tensor {
  if (x.rank < 2)
    throw new ShapeError(`${call}: a tensor of shape ${show(x.shape)} — a matrix has at least two dims`);
  if (!Number.isInteger(diagonal))
    throw new RangeError(
      `${call}: diagonal ${diagonal} — diagonals are numbered by integers, 0 is the main one`,
    );
  return new (call === "tril" ? Tril : Triu)(diagonal).apply(x);
}
