import { isFloat, kernels, promote, ShapeError, show, together } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { narrowed } from "../../halves.ts";
import { node } from "../../onnx-words.ts";
import { expectTensor } from "../../operands.ts";
import { dot, indices, shifted, upright } from "../../planes.ts";
import { broadcastShapes, broadcastStrides, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { fitted, newSums } from "../reduce/exact.ts";
import * as reference from "./matmul.reference.ts";
import * as split from "./matmul.split.ts";

/** C = alpha·A·B + beta·C for matrices anywhere on the heap: where every product ends, and pieces of other operations. */
export const { gemm } = kernels(reference, split);

/**
 * Matrix product of the last two dims; leading dims are a batch and broadcast.
 *
 *   c[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]
 *
 * Shapes    a [..., M, K], b [..., K, N] → c [..., M, N]
 * Gradient  a: g·bᵀ; b: aᵀ·g
 * Cost      2·M·K·N flops per matrix; transposed operands are read through their strides, never copied
 * Throws    ShapeError if the inner sizes differ or the batches do not broadcast
 * ONNX      MatMul
 */
export class MatMul extends Function {
  #a!: Tensor;
  #b!: Tensor;
  forward(a: Tensor, b: Tensor): Tensor {
    [this.#a, this.#b] = [a, b];
    checkInner(a.shape, b.shape);
    const batch = a.rank === 2 && b.rank === 2 ? [] : batchOf(a.shape, b.shape);
    const c = newSums(a, [...batch, a.shape.at(-2) as number, b.shape.at(-1) as number]);
    multiplyInto(a, b, c, batch, 0);
    return fitted("matmul", c, a.dtype);
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.matmul(this.#b.transpose(-2, -1)), () => this.#a.transpose(-2, -1).matmul(g)];
  }
  override multiplyAdds([a]: readonly Tensor[], c: Tensor): number {
    return c.size * (a.shape.at(-1) as number);
  }
  override onnx() {
    return node("MatMul");
  }
}

/** c = a·b + beta·c for every matrix of the batch. */
export function multiplyInto(left: Tensor, right: Tensor, c: Tensor, batch: Shape, beta: 0 | 1): void {
  const [a, b] = [upright(left), upright(right)];
  const [m, n, k] = [a.shape.at(-2) as number, b.shape.at(-1) as number, a.shape.at(-1) as number];
  if (c.size === 0) return;
  if (batch.length === 0) {
    const [aRow, aCol] = [a.strides[0], a.strides[1]];
    const [bRow, bCol] = [b.strides[0], b.strides[1]];
    gemm({ a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow: n, alpha: 1, beta });
    return;
  }
  const [aRow, aCol, bRow, bCol] = [...a.strides.slice(-2), ...b.strides.slice(-2)];
  const [aBatch, bBatch] = [a, b].map((x) =>
    broadcastStrides(x.shape.slice(0, -2), x.strides.slice(0, -2), batch),
  );
  together("matmul", () => {
    let done = 0;
    for (const index of indices(batch)) {
      const [from, by, into] = [
        shifted(a, dot(index, aBatch)),
        shifted(b, dot(index, bBatch)),
        shifted(c, done),
      ];
      // One literal: an object made by a spread that then grows costs more than a small product.
      gemm({ a: from, b: by, c: into, m, n, k, aRow, aCol, bRow, bCol, cRow: n, alpha: 1, beta });
      done += m * n;
    }
  });
}

const batchOf = (a: Shape, b: Shape): Shape =>
  broadcastShapes(`matmul: ${show(a)} · ${show(b)}: leading dims`, a.slice(0, -2), b.slice(0, -2));

function checkInner(a: Shape, b: Shape): void {
  const [k, inner] = [a.at(-1), b.at(-2)];
  if (k === inner) return;
  const fits = k === b.at(-1) ? "; the right transposed would fit: b.transpose(-2, -1)" : "";
  throw new ShapeError(
    `matmul: ${show(a)} · ${show(b)}: the left's last dim (${k}) must equal the right's second-to-last (${inner})${fits}`,
  );
}

/** 1-D operands become a row (left) or a column (right), and that dim leaves the result again. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 0 || expectTensor("matmul", b, "b").rank === 0) {
    throw new ShapeError(
      `matmul: ${show(a.shape)} · ${show(b.shape)}: a scalar has no rows and columns; use mul`,
    );
  }
  [a, b] = narrowed(a, b);
  const common = promote(a.dtype, b.dtype);
  const dtype = isFloat(common) ? common : "int32"; // sums of bytes need room
  const left = a.rank === 1 ? a.unsqueeze(0) : a;
  const right = b.rank === 1 ? b.unsqueeze(1) : b;
  const product = multiply(left.to(dtype), right.to(dtype));
  const shape = product.shape.filter(
    (_, i) => !(a.rank === 1 && i === product.rank - 2) && !(b.rank === 1 && i === product.rank - 1),
  );
  return shape.length === product.rank ? product : product.reshape(shape);
}

/** A batch against one matrix is one tall product: its gradient then needs no sum over the batch. */
function multiply(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2 || b.rank !== 2 || a.shape.at(-1) !== b.shape[0] || a.size === 0)
    return new MatMul().apply(a, b);
  const tall = new MatMul().apply(a.reshape(-1, b.shape[0]), b);
  return tall.reshape([...a.shape.slice(0, -1), b.shape[1]]);
}
