import { ShapeError, show } from "../../00-runtime/index.ts";
import { Function, type Gradient, int64s, node } from "../function.ts";
import type { Tensor } from "../tensor.ts";
import { Where } from "./compare.ts";

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
    const inside = Uint8Array.from({ length: rows * cols }, (_, i) => {
      const above = (i % cols) - Math.floor(i / cols);
      return Number(this.upper ? above >= this.diagonal : above <= this.diagonal);
    });
    return new Where().forward(x.newFrom(inside, [rows, cols], "bool"), x, x.newFrom([0], []));
  }
  abstract override backward(g: Tensor): Gradient[];
  override onnx() {
    return node("Trilu", { upper: Number(this.upper) }, [
      0,
      { ...int64s(this.diagonal), shape: [] }, // a scalar
    ]);
  }
}

export class Tril extends Triangle {
  readonly upper = false;
  backward(g: Tensor): Gradient[] {
    return [() => new Tril(this.diagonal).apply(g)];
  }
}

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
