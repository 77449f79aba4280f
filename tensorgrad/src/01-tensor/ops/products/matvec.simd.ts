// A row vector times a matrix: c[j] = alpha · Σₚ a[p] · B[p, j] + beta · c[j]. Every element of B is used
// once, so nothing is packed; B is read along whichever of its dims is contiguous. No sum runs over more than
// MAX_DEPTH terms before it is added to those of the other stretches: rounding errors would grow with k.

import { madd, maddScalar } from "../../../00-runtime/simd/madd.simd";
import { dot } from "../../../00-runtime/simd/rows.simd";
import { MAX_DEPTH } from "../../../00-runtime/simd/scratch.simd";

/** a and c are contiguous; bRow or bCol is 1 (strides in elements). */
export function vectorMatrix(
  a: usize,
  b: usize,
  c: usize,
  n: usize,
  k: usize,
  bRow: usize,
  bCol: usize,
  alpha: f32,
  beta: f32,
): void {
  if (bRow == 1) {
    for (let j: usize = 0; j < n; j++) {
      blend(c + (j << 2), dot(a, b + ((j * bCol) << 2), k), alpha, beta);
    }
  } else if (k <= MAX_DEPTH) allColumns(a, b, c, n, k, bRow << 2, alpha, beta);
  else {
    const half = k >> 1;
    vectorMatrix(a, b, c, n, half, bRow, bCol, alpha, beta);
    vectorMatrix(a + (half << 2), b + ((half * bRow) << 2), c, n, k - half, bRow, bCol, alpha, 1);
  }
}

/** With adjacent columns: bRow in bytes. */
function allColumns(a: usize, b: usize, c: usize, n: usize, k: usize, bRow: usize, alpha: f32, beta: f32): void {
  let j: usize = 0;
  for (; j + 32 <= n; j += 32) columns32(a, b + (j << 2), c + (j << 2), k, bRow, alpha, beta);
  for (; j + 4 <= n; j += 4) columns4(a, b + (j << 2), c + (j << 2), k, bRow, alpha, beta);
  for (; j < n; j++) column(a, b + (j << 2), c + (j << 2), k, bRow, alpha, beta);
}

@inline
function blend(c: usize, sum: f32, alpha: f32, beta: f32): void {
  store<f32>(c, beta == 0 ? alpha * sum : maddScalar(beta, load<f32>(c), alpha * sum));
}

@inline
function blend4(c: usize, sum: v128, alpha: f32, beta: f32): void {
  sum = f32x4.mul(sum, f32x4.splat(alpha));
  if (beta != 0) sum = madd(f32x4.splat(beta), v128.load(c), sum);
  v128.store(c, sum);
}

function columns32(a: usize, b: usize, c: usize, k: usize, bRow: usize, alpha: f32, beta: f32): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  for (const end = a + (k << 2); a < end; a += 4, b += bRow) {
    const x = v128.load32_splat(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    s2 = madd(x, v128.load(b, 32), s2);
    s3 = madd(x, v128.load(b, 48), s3);
    s4 = madd(x, v128.load(b, 64), s4);
    s5 = madd(x, v128.load(b, 80), s5);
    s6 = madd(x, v128.load(b, 96), s6);
    s7 = madd(x, v128.load(b, 112), s7);
  }
  blend4(c, s0, alpha, beta);
  blend4(c + 16, s1, alpha, beta);
  blend4(c + 32, s2, alpha, beta);
  blend4(c + 48, s3, alpha, beta);
  blend4(c + 64, s4, alpha, beta);
  blend4(c + 80, s5, alpha, beta);
  blend4(c + 96, s6, alpha, beta);
  blend4(c + 112, s7, alpha, beta);
}

function columns4(a: usize, b: usize, c: usize, k: usize, bRow: usize, alpha: f32, beta: f32): void {
  let sum = f32x4.splat(0);
  for (const end = a + (k << 2); a < end; a += 4, b += bRow) {
    sum = madd(v128.load32_splat(a), v128.load(b), sum);
  }
  blend4(c, sum, alpha, beta);
}

function column(a: usize, b: usize, c: usize, k: usize, bRow: usize, alpha: f32, beta: f32): void {
  let sum: f32 = 0;
  for (const end = a + (k << 2); a < end; a += 4, b += bRow) sum = maddScalar(load<f32>(a), load<f32>(b), sum);
  blend(c, sum, alpha, beta);
}
