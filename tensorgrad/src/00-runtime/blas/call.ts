import type { Product } from "../product.ts";

/** `cblas_sgemm` in C's order of arguments; matrices are addresses in bytes. */
export type Sgemm = (
  order: number,
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: number,
  c: number,
  ldc: number,
) => void;

// The values of cblas.h.
const [ROW_MAJOR, AS_IT_LIES, TRANSPOSED] = [101, 111, 112] as const;

/**
 * How BLAS may read a [rows, cols] matrix with these strides. A positive number is the distance between rows whose
 * elements lie side by side. A negative one is the distance between columns whose elements do: BLAS reads the transpose
 * of what is stored. 0 means neither, or lines that overlap: BLAS cannot read such a matrix.
 */
export function leading(rows: number, cols: number, rowStride: number, colStride: number): number {
  if ((colStride === 1 || cols === 1) && (rowStride >= cols || rows === 1))
    return rows === 1 ? cols : rowStride;
  if ((rowStride === 1 || rows === 1) && (colStride >= rows || cols === 1))
    return cols === 1 ? -rows : -colStride;
  return 0;
}

export type SgemmCall = Parameters<Sgemm>;

/** From this many multiplications on (256³) a product is cut into panels: below, a BLAS takes less than 0.1 ms. */
const WORTH_CUTTING = 16_000_000;
/** A panel is about this wide: cutting then costs a BLAS 1–3 % (what is not cut, it packs again for every panel). */
const PANEL = 512;

/**
 * Where C is cut into panels along its rows or columns: the places where they begin, and the end. A library may round in
 * another order for a matrix of another size, or on several threads of its own. So the cuts follow from the shape alone. Every
 * panel is one call, however many threads make the calls.
 */
export function cuts(length: number, work: number): number[] {
  const panels = work < WORTH_CUTTING || length < 64 ? 1 : Math.max(2, Math.floor(length / PANEL));
  const grains = Math.floor(length / 16);
  return Array.from({ length: panels + 1 }, (_, i) =>
    i === panels ? length : Math.floor((i * grains) / panels) * 16,
  );
}

/**
 * The calls of `sgemm` that make up a product over memory that begins at `base`, in any order; null where BLAS cannot express
 * its strides.
 */
export function panels(product: Product<number>, base: number): SgemmCall[] | null {
  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta } = product;
  const [lda, ldb] = [leading(m, k, aRow, aCol), leading(k, n, bRow, bCol)];
  // With alpha = 0 BLAS skips the product: NaN times 0 would go missing.
  if (lda === 0 || ldb === 0 || cRow < n || alpha === 0 || k === 0) return null;
  const [transA, transB] = [lda > 0 ? AS_IT_LIES : TRANSPOSED, ldb > 0 ? AS_IT_LIES : TRANSPOSED];
  const call = (i: number, j: number, rows: number, cols: number): SgemmCall => {
    const [from, to] = [base + a + 4 * i * aRow, base + b + 4 * j * bCol];
    const out = base + c + 4 * (i * cRow + j);
    const [left, right] = [Math.abs(lda), Math.abs(ldb)];
    return [ROW_MAJOR, transA, transB, rows, cols, k, alpha, from, left, to, right, beta, out, cRow];
  };
  const byColumns = n > 2 * m; // else by rows, as the next kernel will divide C (see matmul.split.ts)
  const ends = cuts(byColumns ? n : m, m * n * k);
  return ends.slice(1).map((end, i) => {
    const start = ends[i];
    return byColumns ? call(0, start, m, end - start) : call(start, 0, end - start, n);
  });
}
