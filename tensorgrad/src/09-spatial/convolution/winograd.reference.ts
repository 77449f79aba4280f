import type { Floats } from "../../00-runtime/arrays.ts";
import { poolPixels, spreadPixel } from "../pooling/pairs.ts";

// Convolution with 3×3 filters and stride 1 by fewer products (Winograd 1980; Lavin & Gray 2015). The result is made in
// tiles of 2×2 (or 4×4); the 4×4 (6×6) pixels behind a tile and the filter are first turned into 16 (36) numbers each:
//
//   tile = Aᵀ·[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A
//
// Between the brackets, channels are summed: for each of the 16 planes that is one matrix product, of 16/4 = 4 products
// per pixel and channel (36/16 = 2.25) where the plain sum has 9. The same numbers give the filter's gradient:
//
//   dw = Gᵀ·[Σ over tiles (Bᵀ·x·B) ⊙ (A·g·Aᵀ)]·G
//
// Images lie channels last. A NaN or ∞ in the image spreads over the tile it lies in.

type Matrix = readonly (readonly number[])[];

interface Form {
  readonly B: Matrix; // Bᵀ, as it stands in the formula
  readonly G: Matrix;
  readonly A: Matrix; // Aᵀ
}

/**
 * For tiles of 2 and of 4. The products are values of polynomials at as many points as there are rows: 0, 1, −1 and ∞ for
 * tiles of 2; 0, ±a, ±b and ∞ for tiles of 4. The usual a = 1 and b = 2 lose two to four times as many digits as 5/8 and 3/2,
 * whose powers stay near 1.
 */
const [a, b] = [5 / 8, 3 / 2];
const [a2, b2] = [a * a, b * b];
const [atA, atB] = [1 / (2 * a2 * (a2 - b2)), 1 / (2 * b2 * (b2 - a2))];

// biome-ignore format: matrices
const forms: Readonly<Record<number, Form>> = {
  2: {
    B: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    G: [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
    A: [[1, 1, 1, 0], [0, 1, -1, -1]],
  },
  4: {
    B: [
      [a2 * b2, 0, -a2 - b2, 0, 1, 0],
      [0, -a * b2, -b2, a, 1, 0],
      [0, a * b2, -b2, -a, 1, 0],
      [0, -b * a2, -a2, b, 1, 0],
      [0, b * a2, -a2, -b, 1, 0],
      [0, a2 * b2, 0, -a2 - b2, 0, 1],
    ],
    G: [
      [1 / (a2 * b2), 0, 0],
      [atA, a * atA, a2 * atA],
      [atA, -a * atA, a2 * atA],
      [atB, b * atB, b2 * atB],
      [atB, -b * atB, b2 * atB],
      [0, 0, 1],
    ],
    A: [
      [1, 1, 1, 1, 1, 0],
      [0, a, -a, b, -b, 0],
      [0, a2, a2, b2, b2, 0],
      [0, a2 * a, -a2 * a, b2 * b, -b2 * b, 1],
    ],
  },
};

const transposed = (M: Matrix): Matrix => M[0].map((_, j) => M.map((row) => row[j]));

/** M·square·Mᵀ, where square(i, j) is a square of numbers. */
function both(M: Matrix, square: (i: number, j: number) => number): number[][] {
  const left = M.map((row) => M[0].map((_, j) => row.reduce((sum, m, i) => sum + m * square(i, j), 0)));
  return left.map((row) => M.map((other) => other.reduce((sum, m, j) => sum + m * row[j], 0)));
}

/** Planes lie 192 bytes further apart than their numbers need: powers of two between them would share cache sets. */
const APART = 48;

/** Images x [N, H, W, C], results [N, outH, outW, O], and how the work is cut: `piece` tiles at a time, `slots` sums. */
type Sizes = [
  N: number,
  H: number,
  W: number,
  C: number,
  outH: number,
  outW: number,
  O: number,
  top: number,
  left: number,
  tile: number,
  piece: number,
  slots: number,
  pool: number,
];

/** Values of `pool`: what is pooled by windows of 2×2, with the index of every window's pixel. */
const [RESULTS, GRADIENTS] = [1, 2];

const PANEL = 16;
/** Columns of a plane of filters, and where row r of column c lies in it: in panels of 16 columns, or row after row. */
const widthOf = (cols: number, panels: boolean) => (panels ? Math.ceil(cols / PANEL) * PANEL : cols);
const placeOf = (r: number, c: number, rows: number, cols: number, panels: boolean) =>
  panels ? (Math.floor(c / PANEL) * rows + r) * PANEL + (c % PANEL) : r * cols + c;

/** u = G·w·Gᵀ for some rows of planes [rows, cols]; the taps of filter (r, c) begin at w[r·rowStep + c·colStep], and may be turned round. */
export function winogradFilters(
  w: Floats,
  u: Floats,
  first: number,
  count: number,
  rows: number,
  cols: number,
  rowStep: number,
  colStep: number,
  turned: number,
  tile: number,
  panels: number,
): void {
  const inPanels = panels === 1;
  const plane = rows * widthOf(cols, inPanels) + APART;
  for (let r = first; r < first + count; r++) {
    for (let c = 0; c < cols; c++) {
      const at = r * rowStep + c * colStep;
      const planes = both(forms[tile].G, (i, j) => w[at + (turned ? 8 - 3 * i - j : 3 * i + j)]).flat();
      planes.forEach((value, p) => {
        u[p * plane + placeOf(r, c, rows, cols, inPanels)] = value;
      });
    }
  }
}

/** y = conv(x) + b for pieces number `first` to `first + count − 1`. */
export function winogradImages(
  x: Floats,
  u: Floats,
  b: Floats,
  y: Floats,
  index: Int32Array,
  sizes: Int32Array,
  first: number,
  count: number,
  _cost: number,
  base: number,
): void {
  const inPanels = base === 0; // as the own kernel wants them; a BLAS takes rows
  const [, H, W, C, outH, outW, O, top, left, tile, , , pool] = sizes as unknown as Sizes;
  const { A, B } = forms[tile];
  const given = pixelsOf(x, index, pool === GRADIENTS);
  const plane = C * widthOf(O, inPanels) + APART;
  for (const { n, i, j } of tilesOf(sizes, first, first + count)) {
    const seen = Array.from({ length: C }, (_, c) =>
      both(B, (k, l) => given(n, i + k - top, j + l - left, c, H, W, C)).flat(),
    );
    for (let o = 0; o < O; o++) {
      const size = tile + 2;
      const result = both(A, (k, l) => {
        const p = k * size + l;
        return seen.reduce(
          (sum, planes, c) => sum + planes[p] * u[p * plane + placeOf(c, o, C, O, inPanels)],
          0,
        );
      });
      const step = pool === RESULTS ? 2 : 1;
      for (let k = 0; k < tile && i + k < outH; k += step)
        for (let l = 0; l < tile && j + l < outW; l += step) {
          const value = (row: number, col: number) => result[k + row][l + col] + b[o];
          if (pool === RESULTS) poolPixels(y, index, n, i + k, j + l, o, outH, outW, O, value);
          else y[((n * outH + i + k) * outW + j + l) * O + o] = value(0, 0);
        }
    }
  }
}

/** sums[slot] = Σ (Bᵀ·x·B) ⊙ (A·g·Aᵀ) over the tiles of a slot, in planes of [C, O]. */
export function winogradSums(
  x: Floats,
  g: Floats,
  index: Int32Array,
  sums: Floats,
  sizes: Int32Array,
  first: number,
  count: number,
  _cost: number,
  _base: number,
): void {
  const [, H, W, C, outH, outW, O, top, left, tile, , slots, pool] = sizes as unknown as Sizes;
  const given = pixelsOf(g, index, pool === GRADIENTS);
  const { A, B } = forms[tile];
  const [planes, plane] = [(tile + 2) ** 2, C * O + APART];
  const pieces = piecesOf(sizes);
  for (let slot = first; slot < first + count; slot++) {
    sums.fill(0, slot * planes * plane, (slot + 1) * planes * plane);
    const [from, to] = [slot, slot + 1].map((s) => Math.floor((s * pieces) / slots));
    for (const { n, i, j } of tilesOf(sizes, from, to)) {
      const spread = Array.from({ length: O }, (_, o) =>
        both(transposed(A), (k, l) => given(n, i + k, j + l, o, outH, outW, O)).flat(),
      );
      for (let c = 0; c < C; c++) {
        const seen = both(B, (k, l) => pixel(x, n, i + k - top, j + l - left, c, H, W, C)).flat();
        for (let p = 0; p < planes; p++)
          for (let o = 0; o < O; o++) sums[(slot * planes + p) * plane + c * O + o] += seen[p] * spread[o][p];
      }
    }
  }
}

/** dw [O, C, 3, 3] = Gᵀ·(Σ of all slots)·G, for some of the C channels */
export function winogradFilterGradient(
  sums: Floats,
  dw: Floats,
  first: number,
  count: number,
  slots: number,
  C: number,
  O: number,
  tile: number,
): void {
  const [size, plane] = [tile + 2, C * O + APART];
  for (let o = 0; o < O; o++) {
    for (let c = first; c < first + count; c++) {
      const taps = both(transposed(forms[tile].G), (k, l) => {
        let sum = 0;
        for (let slot = 0; slot < slots; slot++)
          sum += sums[(slot * size * size + k * size + l) * plane + c * O + o];
        return sum;
      });
      taps.flat().forEach((value, k) => {
        dw[(o * C + c) * 9 + k] = value;
      });
    }
  }
}

/** The numbers of an image, or of a gradient that is given for windows of 2×2. */
const pixelsOf =
  (x: Floats, index: Int32Array, pooled: boolean) =>
  (...[n, h, v, c, H, W, C]: [number, number, number, number, number, number, number]): number =>
    pooled ? spreadPixel(x, index, n, h, v, c, H, W, C) : pixel(x, n, h, v, c, H, W, C);

function pixel(
  x: Floats,
  n: number,
  h: number,
  v: number,
  c: number,
  H: number,
  W: number,
  C: number,
): number {
  return h < 0 || h >= H || v < 0 || v >= W ? 0 : x[((n * H + h) * W + v) * C + c];
}

const piecesOf = (sizes: Int32Array): number => {
  const [N, , , , outH, outW, , , , tile, piece] = sizes;
  return Math.ceil((N * Math.ceil(outH / tile) * Math.ceil(outW / tile)) / piece);
};

/** The tiles of some pieces: their image, and where in it they begin. */
function* tilesOf(sizes: Int32Array, from: number, to: number) {
  const [N, , , , outH, outW, , , , tile, piece] = sizes;
  const [down, across] = [Math.ceil(outH / tile), Math.ceil(outW / tile)];
  const end = Math.min(to * piece, N * down * across);
  for (let t = from * piece; t < end; t++) {
    const n = Math.floor(t / (down * across));
    yield { n, i: (Math.floor(t / across) % down) * tile, j: (t % across) * tile };
  }
}
