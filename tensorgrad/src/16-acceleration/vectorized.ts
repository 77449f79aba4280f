import { ShapeError, show } from "../00-runtime/index.ts";
import { expectTensor, gemm, type Tensor } from "../01-tensor/index.ts";

/**
 * Two ways to write one product of matrices, side by side: the first and the last rung that need nothing but the language. What lies
 * between them is in notes/16-acceleration.md.
 *
 *   c[i, j] = Σₚ a[i, p]·b[p, j]
 *
 * Shapes    a [m, k], b [k, n] → c [m, n], outside of the graph
 * Throws    ShapeError for anything but matrices that fit
 */
// exercise: matmul-naive
export function naiveMatmul(a: Tensor, b: Tensor): Tensor {
  const [m, k, n] = sizes("naiveMatmul", a, b);
  const [left, right, c] = [a.data, b.data, new Float64Array(m * n)];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += left[i * k + p] * right[p * n + j];
      c[i * n + j] = sum;
    }
  return a.newFrom(c, [m, n]);
}

/** The same on vectors: a tile of C is held in registers while panels of A and B go by, four numbers an instruction. */
export function vectorizedMatmul(a: Tensor, b: Tensor): Tensor {
  const [m, k, n] = sizes("vectorizedMatmul", a, b);
  const c = a.newEmpty([m, n]);
  const [[aRow, aCol], [bRow, bCol]] = [a.strides, b.strides];
  gemm({ a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow: n, alpha: 1, beta: 0 });
  return c;
}

function sizes(call: string, a: Tensor, b: Tensor): [m: number, k: number, n: number] {
  if (
    expectTensor(call, a, "a").rank === 2 &&
    expectTensor(call, b, "b").rank === 2 &&
    a.shape[1] === b.shape[0] &&
    a.dtype === b.dtype
  )
    return [a.shape[0], a.shape[1], b.shape[1]];
  throw new ShapeError(
    `${call}: ${a.dtype} ${show(a.shape)} · ${b.dtype} ${show(b.shape)} — two matrices of one dtype, [m, k] and [k, n]`,
  );
}
