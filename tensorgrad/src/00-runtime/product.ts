/**
 * A matrix product, C = alpha·A·B + beta·C, as everything on the way to a kernel describes it. `Matrix` is what stands for a
 * matrix there: a tensor, an array, or an address in bytes.
 *
 * A is [m, k], B is [k, n], C is [m, n]. Element (i, p) of A lies at i·aRow + p·aCol, so that a transposed matrix is the
 * same data with its two strides exchanged. C's columns are adjacent. Strides are in elements.
 * beta = 0 overwrites C without reading it: whatever was there, NaN included, does not leak in.
 */
export interface Product<Matrix> {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly aRow: number;
  readonly aCol: number;
  readonly bRow: number;
  readonly bCol: number;
  readonly cRow: number;
  readonly alpha: number;
  readonly beta: number;
}

/** The numbers in the order in which `gemm` takes them in WebAssembly. */
export function listed<Matrix>(product: Product<Matrix>): (Matrix | number)[] {
  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta } = product;
  return [a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta];
}

/** The same the other way round. */
export function described<Matrix>(list: readonly (Matrix | number)[]): Product<Matrix> {
  const [a, b, c] = list as Matrix[];
  const [, , , m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta] = list as number[];
  return { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta };
}
