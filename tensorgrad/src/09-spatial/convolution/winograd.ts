import { blasBase, kernels } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import type { ConvSizes } from "../geometry.ts";
import { emptyImages, inOrder } from "../layout.ts";
import { withKept } from "./kept-filters.ts";
import * as reference from "./winograd.reference.ts";
import * as split from "./winograd.split.ts";

const kernel = kernels(reference, split);

/** Room for the transformed planes of a piece: a half of a large second-level cache, beside what is copied of the image. */
const PIECE = 950_000;
/** With many channels more, up to this: products of fewer rows are slow. */
const LARGE_PIECE = 1_600_000;
const ROWS = 64;
/** For the copied region. */
const REGION = 340_000;
/** Sums of filter gradients beside each other: fewer where they are large. */
const SUMS = 1_000_000;

/** What is pooled by windows of 2×2, as the kernels are told; 0: nothing. */
const [RESULTS, GRADIENTS] = [1, 2];

/** Nanoseconds of a multiplication and addition: a rough figure that tells whether threads pay. */
const COST = 0.02;

/**
 * Tiles of 2 are as exact as the direct sum: errors of 3e-7 to 7e-7 of the largest result. Tiles of 4 need 1.8 times fewer
 * products, which is what the own kernel waits for, but err by 1e-6 to 4e-6; with a BLAS they are hardly faster.
 */
const tileFor = (base: number, outH: number, outW: number): 2 | 4 =>
  base === 0 && productsOf(4, outH, outW) < productsOf(2, outH, outW) ? 4 : 2;

const productsOf = (tile: number, outH: number, outW: number): number =>
  Math.ceil(outH / tile) * Math.ceil(outW / tile) * (tile + 2) ** 2;

/** Whether a convolution is one that these transforms know, with channels enough that they pay. */
export function isWinograd({ C, O, K, L, stride, dilation, groups, padding }: ConvSizes): boolean {
  const plain = K === 3 && L === 3 && groups === 1 && isPair(stride, 1) && isPair(dilation, 1);
  const fits = C % 4 === 0 && O % 4 === 0 && Math.min(C, O) >= 8 && C + O <= 1024;
  return plain && fits && padding[0] <= 2 && padding[1] <= 2;
}

const isPair = (pair: readonly [number, number], n: number): boolean => pair[0] === n && pair[1] === n;

/** y [N, O, H′, W′]; with an index the largest of every 2×2 of it, whose places are written there: [N, O, H′/2, W′/2]. */
export function winogradImages(
  x: Tensor,
  w: Tensor,
  b: Tensor,
  sizes: ConvSizes,
  index: Tensor | null = null,
): Tensor {
  const { C, O, N, outH, outW } = sizes;
  const y = emptyImages(x, index?.shape ?? [N, O, outH, outW], true);
  const base = blasBase();
  const pooled = { index, pool: index ? RESULTS : 0 };
  const [from, to] = [
    [sizes.H, sizes.W],
    [outH, outW],
  ];
  withFilters(w, sizes, false, to, base, (u) =>
    run(inOrder(x, true), u, b, y, sizes, C, O, from, to, sizes.padding, base, pooled),
  );
  return y;
}

/**
 * The gradient of x: a convolution of g with the filters turned round, whose padding is what the filter overhangs. With an index,
 * g is that of the pooled result.
 */
export function winogradTransposed(
  g: Tensor,
  w: Tensor,
  b: Tensor,
  sizes: ConvSizes,
  index: Tensor | null = null,
): Tensor {
  const { N, C, O, H, W, padding, outH, outW } = sizes;
  const x = emptyImages(g, [N, C, H, W], true);
  const base = blasBase();
  const overhang = padding.map((n) => 2 - n);
  const pooled = { index, pool: index ? GRADIENTS : 0 };
  const [from, to] = [
    [outH, outW],
    [H, W],
  ];
  withFilters(w, sizes, true, to, base, (u) =>
    run(inOrder(g, true), u, b, x, sizes, O, C, from, to, overhang, base, pooled),
  );
  return x;
}

/** The gradient of w [O, C, 3, 3]; g as above. */
export function winogradWeight(x: Tensor, g: Tensor, sizes: ConvSizes, index: Tensor | null = null): Tensor {
  const { N, C, O, H, W, outH, outW, padding } = sizes;
  const base = blasBase();
  const tile = tileFor(base, outH, outW);
  const plane = C * O + APART;
  const { piece, pieces } = cut(N, C, O, outH, outW, tile);
  const bytes = 4 * (tile + 2) ** 2 * plane;
  const slots = Math.max(1, Math.min(pieces, bytes > SUMS ? 2 : 4));
  const sums = x.newEmpty([slots, (tile + 2) ** 2, plane]);
  const numbers = [N, H, W, C, outH, outW, O, ...padding, tile, piece, slots, index ? GRADIENTS : 0];
  const table = x.newFrom(numbers, [numbers.length], "int32");
  const cost = (pieces / slots) * piece * (tile + 2) ** 2 * C * O * COST;
  const [images, gradients] = [inOrder(x, true), inOrder(g, true)];
  kernel.winogradSums(images, gradients, index ?? table, sums, table, 0, slots, cost, base);
  const w = x.newEmpty([O, C, 3, 3]);
  kernel.winogradFilterGradient(sums, w, 0, C, slots, C, O, tile);
  for (const t of [sums, table]) t.dispose();
  return w;
}

/** Up to so many tiles the filters cost a fifth of the whole or more; then they are worth their memory between calls. */
const FEW_TILES = 256;

/** Calls `use` with the planes of the filters, for results of height and width `to`. */
function withFilters(
  w: Tensor,
  sizes: ConvSizes,
  turned: boolean,
  to: readonly number[],
  base: number,
  use: (u: Tensor) => void,
): void {
  const tile = tileFor(base, to[0], to[1]);
  const tiles = sizes.N * Math.ceil(to[0] / tile) * Math.ceil(to[1] / tile);
  const form = `winograd ${tile}${turned ? " turned" : ""}${base === 0 ? " in panels" : ""}`;
  withKept(w, tiles <= FEW_TILES ? form : null, () => filters(w, sizes, turned, tile, base), use);
}

/** The planes of all filters: row after row for a BLAS, in panels of 16 columns for the own kernel. */
function filters(w: Tensor, { C, O }: ConvSizes, turned: boolean, tile: number, base: number): Tensor {
  const panels = base === 0 ? 1 : 0;
  const [rows, cols] = turned ? [O, C] : [C, O];
  const width = panels ? Math.ceil(cols / 16) * 16 : cols;
  const u = w.newEmpty([(tile + 2) ** 2, rows * width + APART]);
  const steps = turned ? [9 * C, 9] : [9, 9 * C];
  kernel.winogradFilters(
    w.contiguous(),
    u,
    0,
    rows,
    rows,
    cols,
    steps[0],
    steps[1],
    turned ? 1 : 0,
    tile,
    panels,
  );
  return u;
}

function run(
  x: Tensor,
  u: Tensor,
  b: Tensor,
  y: Tensor,
  { N }: ConvSizes,
  C: number,
  O: number,
  from: readonly number[],
  to: readonly number[],
  padding: readonly number[],
  base: number,
  { index, pool }: { readonly index: Tensor | null; readonly pool: number },
): void {
  const tile = tileFor(base, to[0], to[1]);
  const { piece, pieces } = cut(N, C, O, to[0], to[1], tile);
  const numbers = [N, ...from, C, ...to, O, ...padding, tile, piece, 0, pool];
  const table = x.newFrom(numbers, [numbers.length], "int32");
  const cost = piece * (tile + 2) ** 2 * C * O * COST;
  kernel.winogradImages(x, u, b.contiguous(), y, index ?? table, table, 0, pieces, cost, base);
  table.dispose();
}

/** Planes lie 192 bytes further apart than their numbers need: powers of two between them would share cache sets. */
const APART = 48;

/** How many tiles are worked on at a time. It follows from the sizes alone, and so do the sums that come out. */
function cut(N: number, C: number, O: number, outH: number, outW: number, tile: number) {
  const [down, across] = [Math.ceil(outH / tile), Math.ceil(outW / tile)];
  const tiles = N * down * across;
  const bytes = 4 * (tile + 2) ** 2 * (C + Math.ceil(O / 16) * 16); // of one tile
  const most = Math.max(Math.floor(PIECE / bytes), Math.min(ROWS, Math.floor(LARGE_PIECE / bytes)));
  const pixels = Math.floor(REGION / (4 * Math.max(C, O)));
  const whole = [across * down, across].find((size) => size <= most) ?? 1;
  const room = Math.floor(most / whole) * whole;
  let piece = Math.max(1, Math.min(room, tiles));
  while (piece > 1 && regionPixels(piece, down, across, tile) > pixels) piece = Math.ceil(piece / 2);
  return { piece, pieces: Math.ceil(tiles / piece) };
}

function regionPixels(piece: number, down: number, across: number, tile: number): number {
  const rows = Math.max(1, Math.min(Math.floor(piece / across), down));
  return (rows * tile + 2) * (Math.min(across, piece) * tile + 2);
}
