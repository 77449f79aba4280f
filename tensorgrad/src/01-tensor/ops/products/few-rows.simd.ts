// A few rows times a matrix, which is what a language model computes for every token that it generates:
//
//   C[i, j] = alpha · Σₚ A[i, p] · B[p, j] + beta · C[i, j]
//
// B is large and each of its elements is used only m times, so the speed is that of memory: nothing is packed, and B is read once,
// along whichever of its dims is contiguous. Each row comes out as it would alone, bit for bit. No sum runs over more than MAX_DEPTH
// terms before it is added to those of the other stretches: rounding errors would grow with k.

import { madd, maddScalar } from "../../../00-runtime/simd/madd.simd";
import { dot, RUN } from "../../../00-runtime/simd/rows.simd";
import { horizontalSum } from "../../../00-runtime/simd/simd-math.simd";
import { MAX_DEPTH, scratch } from "../../../00-runtime/simd/scratch.simd";

/** Up to so many rows it does not pay to pack B: where its rows are contiguous, and where its columns are. */
const FEW_ALONG_ROWS: usize = 8;
const FEW_ALONG_COLUMNS: usize = 5;
/** Of a narrow B in rows, several rows of A make a tile. */
const NARROW: usize = 64;

/** Whether `fewRows` computes it: A's rows are contiguous, and rows or columns of B. */
export function areFew(m: usize, n: usize, aCol: usize, bRow: usize, bCol: usize): bool {
  if (aCol != 1) return false;
  if (bRow == 1) return m <= FEW_ALONG_COLUMNS;
  return bCol == 1 && (m == 1 || (m <= FEW_ALONG_ROWS && n >= NARROW));
}

/** Columns whose sums are kept at once: those of eight rows, and the four rows of B by which they grow, stay in the caches. */
const WIDE: usize = 1024;
const WIDE_BYTES: usize = WIDE * 4;

/** The rows of A are contiguous; bRow or bCol is 1 (strides in elements). */
export function fewRows(
  a: usize,
  b: usize,
  c: usize,
  m: usize,
  n: usize,
  k: usize,
  aRow: usize,
  bRow: usize,
  bCol: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  if (bRow == 1) alongColumns(a, b, c, m, n, k, aRow << 2, bCol << 2, cRow << 2, alpha, beta);
  else alongRows(a, b, c, m, n, k, aRow << 2, bRow << 2, cRow << 2, alpha, beta);
}

// From here on strides are in bytes.

@inline
function blend(c: usize, sum: f32, alpha: f32, beta: f32): void {
  store<f32>(c, beta == 0 ? alpha * sum : maddScalar(beta, load<f32>(c), alpha * sum));
}

/** Columns of B are contiguous: dot products, with four columns at once, because memory delivers four streams faster than one. */
function alongColumns(
  a: usize,
  b: usize,
  c: usize,
  m: usize,
  n: usize,
  k: usize,
  aRow: usize,
  bCol: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  if (k > RUN) {
    const half = (k >> 1) & ~15;
    alongColumns(a, b, c, m, n, half, aRow, bCol, cRow, alpha, beta);
    alongColumns(a + (half << 2), b + (half << 2), c, m, n, k - half, aRow, bCol, cRow, alpha, 1);
    return;
  }
  let j: usize = 0;
  for (; j + 4 <= n; j += 4, b += 4 * bCol) {
    for (let i: usize = 0; i < m; i++) fourDots(a + i * aRow, b, bCol, c + i * cRow + (j << 2), k, alpha, beta);
  }
  for (; j < n; j++, b += bCol) {
    for (let i: usize = 0; i < m; i++) blend(c + i * cRow + (j << 2), dot(a + i * aRow, b, k), alpha, beta);
  }
}

function fourDots(a: usize, b: usize, bCol: usize, c: usize, k: usize, alpha: f32, beta: f32): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let t0 = f32x4.splat(0);
  let t1 = f32x4.splat(0);
  let t2 = f32x4.splat(0);
  let t3 = f32x4.splat(0);
  let b1 = b + bCol;
  let b2 = b1 + bCol;
  let b3 = b2 + bCol;
  const end = a + (k << 2);
  for (; a + 32 <= end; a += 32, b += 32, b1 += 32, b2 += 32, b3 += 32) {
    let x = v128.load(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b1), s1);
    s2 = madd(x, v128.load(b2), s2);
    s3 = madd(x, v128.load(b3), s3);
    x = v128.load(a, 16);
    t0 = madd(x, v128.load(b, 16), t0);
    t1 = madd(x, v128.load(b1, 16), t1);
    t2 = madd(x, v128.load(b2, 16), t2);
    t3 = madd(x, v128.load(b3, 16), t3);
  }
  let r0 = horizontalSum(f32x4.add(s0, t0));
  let r1 = horizontalSum(f32x4.add(s1, t1));
  let r2 = horizontalSum(f32x4.add(s2, t2));
  let r3 = horizontalSum(f32x4.add(s3, t3));
  for (; a < end; a += 4, b += 4, b1 += 4, b2 += 4, b3 += 4) {
    const x = load<f32>(a);
    r0 = maddScalar(x, load<f32>(b), r0);
    r1 = maddScalar(x, load<f32>(b1), r1);
    r2 = maddScalar(x, load<f32>(b2), r2);
    r3 = maddScalar(x, load<f32>(b3), r3);
  }
  blend(c, r0, alpha, beta);
  blend(c + 4, r1, alpha, beta);
  blend(c + 8, r2, alpha, beta);
  blend(c + 12, r3, alpha, beta);
}

/** Rows of B are contiguous: sums of many columns grow by four rows of B at a time. */
function alongRows(
  a: usize,
  b: usize,
  c: usize,
  m: usize,
  n: usize,
  k: usize,
  aRow: usize,
  bRow: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  if (k > MAX_DEPTH) {
    const half = k >> 1;
    alongRows(a, b, c, m, n, half, aRow, bRow, cRow, alpha, beta);
    alongRows(a + (half << 2), b + half * bRow, c, m, n, k - half, aRow, bRow, cRow, alpha, 1);
    return;
  }
  for (let j: usize = 0; j < n; j += WIDE, b += WIDE_BYTES, c += WIDE_BYTES) {
    const cols = min(WIDE, n - j);
    const bytes = cols << 2;
    for (let i: usize = 0; i < m; i++) memory.fill(scratch + i * WIDE_BYTES, 0, bytes);
    let p: usize = 0;
    for (; p + 4 <= k; p += 4) {
      const from = b + p * bRow;
      let x = a + (p << 2);
      let sums = scratch;
      for (let i: usize = 1; i < m; i += 2, x += 2 * aRow, sums += 2 * WIDE_BYTES) {
        growTwo(sums, bytes, x, x + aRow, from, bRow);
      }
      if (m & 1) growOne(sums, bytes, x, from, bRow);
    }
    for (; p < k; p++) {
      for (let i: usize = 0; i < m; i++) {
        growByRow(scratch + i * WIDE_BYTES, bytes, a + i * aRow + (p << 2), b + p * bRow);
      }
    }
    for (let i: usize = 0; i < m; i++) blendRow(c + i * cRow, scratch + i * WIDE_BYTES, bytes, alpha, beta);
  }
}

/** sums[j] += Σ a[p]·B[p, j] for four rows p of B. */
function growOne(sums: usize, bytes: usize, a: usize, b: usize, bRow: usize): void {
  const a0 = v128.load32_splat(a);
  const a1 = v128.load32_splat(a, 4);
  const a2 = v128.load32_splat(a, 8);
  const a3 = v128.load32_splat(a, 12);
  const b1 = b + bRow;
  const b2 = b1 + bRow;
  const b3 = b2 + bRow;
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    let s = madd(a0, v128.load(b + j), v128.load(sums + j));
    s = madd(a1, v128.load(b1 + j), s);
    s = madd(a2, v128.load(b2 + j), s);
    v128.store(sums + j, madd(a3, v128.load(b3 + j), s));
  }
  for (; j < bytes; j += 4) {
    let s = maddScalar(load<f32>(a), load<f32>(b + j), load<f32>(sums + j));
    s = maddScalar(load<f32>(a, 4), load<f32>(b1 + j), s);
    s = maddScalar(load<f32>(a, 8), load<f32>(b2 + j), s);
    store<f32>(sums + j, maddScalar(load<f32>(a, 12), load<f32>(b3 + j), s));
  }
}

/** growOne for two rows of A, whose sums lie one after the other: what is loaded of B serves both. */
function growTwo(sums: usize, bytes: usize, a: usize, below: usize, b: usize, bRow: usize): void {
  const a0 = v128.load32_splat(a);
  const a1 = v128.load32_splat(a, 4);
  const a2 = v128.load32_splat(a, 8);
  const a3 = v128.load32_splat(a, 12);
  const d0 = v128.load32_splat(below);
  const d1 = v128.load32_splat(below, 4);
  const d2 = v128.load32_splat(below, 8);
  const d3 = v128.load32_splat(below, 12);
  const b1 = b + bRow;
  const b2 = b1 + bRow;
  const b3 = b2 + bRow;
  const whole = bytes & ~15;
  for (let j: usize = 0; j < whole; j += 16) {
    const to = sums + j;
    let w = v128.load(b + j);
    let s = madd(a0, w, v128.load(to));
    let t = madd(d0, w, v128.load(to, WIDE_BYTES));
    w = v128.load(b1 + j);
    s = madd(a1, w, s);
    t = madd(d1, w, t);
    w = v128.load(b2 + j);
    s = madd(a2, w, s);
    t = madd(d2, w, t);
    w = v128.load(b3 + j);
    v128.store(to, madd(a3, w, s));
    v128.store(to, madd(d3, w, t), WIDE_BYTES);
  }
  if (whole == bytes) return;
  growOne(sums + whole, bytes - whole, a, b + whole, bRow);
  growOne(sums + whole + WIDE_BYTES, bytes - whole, below, b + whole, bRow);
}

function growByRow(sums: usize, bytes: usize, a: usize, b: usize): void {
  const x = v128.load32_splat(a);
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) v128.store(sums + j, madd(x, v128.load(b + j), v128.load(sums + j)));
  for (; j < bytes; j += 4) store<f32>(sums + j, maddScalar(load<f32>(a), load<f32>(b + j), load<f32>(sums + j)));
}

function blendRow(c: usize, sums: usize, bytes: usize, alpha: f32, beta: f32): void {
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    let sum = f32x4.mul(v128.load(sums + j), f32x4.splat(alpha));
    if (beta != 0) sum = madd(f32x4.splat(beta), v128.load(c + j), sum);
    v128.store(c + j, sum);
  }
  for (; j < bytes; j += 4) blend(c + j, load<f32>(sums + j), alpha, beta);
}
