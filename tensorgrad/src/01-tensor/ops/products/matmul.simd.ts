// Matrix products after Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication.
//
//   for each stretch of the summed dim            (at most MAX_DEPTH long)
//     for each 512 columns of B                   (the panels of one stretch: 768 KiB, beyond L1)
//       for each block of 256 rows of A           (384 KiB in L2; packed where its rows have gaps, or there are several)
//         for each panel of 16 columns of B       (packed by the first block, zero-padded: 24 KiB in L1)
//           for each pair of rows: a 2 × 16 tile  (8 sums, in registers)
//
// Every element of C sums over p in the same order whatever tile it falls in, so a product may be split
// between threads along m or n without changing a bit. Inside this file strides are in bytes.

import { maddScalar } from "../../../00-runtime/simd/madd.simd";
import { EDGE_BYTES, MAX_DEPTH, MAX_PANELS, MAX_ROWS, PANEL, scratch } from "../../../00-runtime/simd/scratch.simd";
import { gatherRows } from "../../../00-runtime/simd/strided.simd";
import { tileOf } from "../../../00-runtime/simd/tile.simd";
import { areFew, fewRows } from "./few-rows.simd";

const PANEL_ROW: usize = PANEL * 4;
/** Columns of B whose panels are kept. */
const MAX_COLS: usize = MAX_PANELS * PANEL;
/** From so many columns on, packing A costs little against what is done with it. */
const WORTH_PACKING: usize = 64;

export function gemm(
  a: usize,
  b: usize,
  c: usize,
  m: usize,
  n: usize,
  k: usize,
  aRow: usize,
  aCol: usize,
  bRow: usize,
  bCol: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  if (areFew(m, n, aCol, bRow, bCol)) {
    fewRows(a, b, c, m, n, k, aRow, bRow, bCol, cRow, alpha, beta);
  } else if (n == 1 && cRow == 1 && bRow == 1 && (aRow == 1 || aCol == 1)) {
    fewRows(b, a, c, 1, m, k, k, aCol, aRow, m, alpha, beta); // (A·b)ᵀ = bᵀ·Aᵀ
  } else {
    blocked(a, b, c, m, n, k, aRow << 2, aCol << 2, bRow << 2, bCol << 2, cRow << 2, alpha, beta);
  }
}

/** Splits the summed dim into equal stretches; the first applies beta, the others add to what is there. */
function blocked(
  a: usize,
  b: usize,
  c: usize,
  m: usize,
  n: usize,
  k: usize,
  aRow: usize,
  aCol: usize,
  bRow: usize,
  bCol: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  const stretches = max<usize>(1, (k + MAX_DEPTH - 1) / MAX_DEPTH);
  const depth = (k + stretches - 1) / stretches;
  for (let s: usize = 0; s < stretches; s++) {
    const p = s * depth;
    const length = min(depth, k - p);
    const keep: f32 = s == 0 ? beta : 1;
    for (let j: usize = 0; j < n; j += MAX_COLS) {
      const cols = min(MAX_COLS, n - j);
      const from = b + p * bRow + j * bCol;
      stretch(a + p * aCol, from, c + (j << 2), m, cols, length, aRow, aCol, bRow, bCol, cRow, alpha, keep);
    }
  }
}

/** As many columns as there are panels for, over one stretch of the summed dim: block by block of A's rows. */
function stretch(
  a: usize,
  b: usize,
  c: usize,
  m: usize,
  n: usize,
  k: usize,
  aRow: usize,
  aCol: usize,
  bRow: usize,
  bCol: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  const direct = (aCol == 4 && (m <= MAX_ROWS || n < WORTH_PACKING)) || k == 1;
  const panel = k * PANEL_ROW;
  const kept: usize = m > MAX_ROWS ? panel : 0; // a single block packs all panels to one place, which stays in L1
  const packed = scratch + EDGE_BYTES + (kept ? (n + PANEL - 1) / PANEL : 1) * panel;
  for (let i: usize = 0; i < m; i += MAX_ROWS) {
    const rows = min(MAX_ROWS, m - i);
    const from = a + i * aRow;
    if (!direct) gatherRows(from, packed, rows, k, aRow, aCol, k << 2);
    const row = direct ? aRow : k << 2;
    rowBlock(direct ? from : packed, b, c + i * cRow, rows, n, k, row, bRow, bCol, cRow, alpha, beta, kept, i == 0);
  }
}

/** A block of A times all panels of B, which the first block packs and the others find. */
function rowBlock(
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
  kept: usize,
  first: bool,
): void {
  let panel = scratch + EDGE_BYTES;
  for (let j: usize = 0; j < n; j += PANEL, panel += kept) {
    const cols = min(PANEL, n - j);
    if (first) {
      if (cols < PANEL) memory.fill(panel, 0, k * PANEL_ROW);
      gatherRows(b + j * bCol, panel, k, cols, bRow, bCol, PANEL_ROW);
    }
    const to = c + (j << 2);
    const pairs = cols == PANEL ? m & ~1 : 0;
    tiles(a, panel, to, pairs, k, aRow, cRow, alpha, beta);
    for (let i = pairs; i < m; i += 2) {
      edge(a + i * aRow, panel, to + i * cRow, min<usize>(2, m - i), cols, k, aRow, cRow, alpha, beta);
    }
  }
}

/** A tile of which only `rows` by `cols` exist: computed whole, of rows repeated and columns of zeros. */
function edge(
  a: usize,
  panel: usize,
  c: usize,
  rows: usize,
  cols: usize,
  k: usize,
  aRow: usize,
  cRow: usize,
  alpha: f32,
  beta: f32,
): void {
  tiles(a, panel, scratch, 2, k, rows == 2 ? aRow : 0, PANEL_ROW, alpha, 0);
  for (let r: usize = 0; r < rows; r++) {
    const from = scratch + r * PANEL_ROW;
    const to = c + r * cRow;
    for (let j: usize = 0; j < cols << 2; j += 4) {
      const product = load<f32>(from + j);
      store<f32>(to + j, beta == 0 ? product : maddScalar(beta, load<f32>(to + j), product));
    }
  }
}

/**
 * C[rows, 16] = alpha · A[rows, k] · panel[k, 16] + beta · C, two rows at a time. The pairs are a loop in here, as a call for each
 * costs a tenth where k is 64.
 */
export function tiles(
  a: usize, panel: usize, c: usize, rows: usize, k: usize, aRow: usize, cRow: usize, alpha: f32, beta: f32,
): void {
  for (let i: usize = 0; i < rows; i += 2, a += aRow << 1, c += cRow << 1)
    tileOf(a, a + aRow, 4, panel, PANEL_ROW, c, c + cRow, k, alpha, alpha, beta, beta);
}
