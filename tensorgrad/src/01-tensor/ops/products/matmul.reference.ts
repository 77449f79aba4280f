import type { Numbers } from "../../../00-runtime/arrays.ts";
import type { Product } from "../../../00-runtime/product.ts";

// exercise: tensor-gemm
/**
 * The matrix product with everything around it that a layer needs (BLAS calls it gemm).
 *
 *   C[i, j] = alpha · Σₚ A[i, p] · B[p, j] + beta · C[i, j]
 */
export function gemm(product: Product<Numbers>): void {
  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta } = product;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
      c[i * cRow + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * cRow + j]);
    }
  }
}
