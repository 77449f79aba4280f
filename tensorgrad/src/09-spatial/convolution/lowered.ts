import { blasBase, kernels } from "../../00-runtime/index.ts";
import { addInto, copyInto, type Tensor } from "../../01-tensor/index.ts";
import type { ConvSizes } from "../geometry.ts";
import { emptyImages, inOrder } from "../layout.ts";
import { withKept } from "./kept-filters.ts";
import * as reference from "./lowered.reference.ts";
import * as split from "./lowered.split.ts";

const kernel = kernels(reference, split);

/** Numbers of a lowered piece, at most: it stays in the second-level cache, and in scratch beside what the own product needs. */
const PIECE = 229_344;
/** A BLAS packs elsewhere and leaves more of scratch: 1 MB. */
const PIECE_WITH_BLAS = 262_144;
/** Outputs in a piece: more make products no faster. */
const OUTPUTS = 256;
/** Fewer outputs in a piece: laying out the filters anew for each would cost more than a second thread gives. */
const LEAST = 32;
/** Where a row is short, pieces may be longer. */
const OUTPUTS_OF_PLANES = 512;
const SUMS = 262_144;
/** Numbers of a cache line: where results lie behind a piece, they begin with one. */
const LINE = 16;
/** What is pooled by windows of 2×2, as the kernels are told; 0: nothing. */
const [RESULTS, GRADIENTS] = [1, 2];
/** Nanoseconds of a multiplication and addition: a rough figure that tells whether threads pay. */
const COST = 0.02;

/** Whether rows of a lowered image fit into a piece. */
export const isLowered = (sizes: ConvSizes): boolean => depthOf(sizes) <= PIECE;

/** Images of few channels are read channel by channel, as they come: a line of outputs is a line of pixels. */
function readsPlanes(x: Tensor, sizes: ConvSizes): boolean {
  return sizes.C <= 4 && sizes.groups === 1 && x.isContiguous() && depthOf(sizes) * sizes.outW <= PIECE;
}

/**
 * Whether results can be pooled by windows of 2×2 while they are a piece, and gradients be given for those: images are read
 * channel by channel, and two lines fit with their results.
 */
export const canPoolLines = (x: Tensor, sizes: ConvSizes): boolean =>
  readsPlanes(x, sizes) && pairsOfLines(sizes, PIECE) >= 2;

/** How many lines fit into `room` numbers together with their results: an even number. */
const pairsOfLines = (sizes: ConvSizes, room: number): number =>
  2 * Math.floor((room - LINE) / (sizes.outW * (depthOf(sizes) + sizes.O)) / 2);

/** y [N, O, H′, W′]; with an index the largest of every 2×2 of it, whose places are written there: [N, O, H′/2, W′/2]. */
export function loweredImages(
  x: Tensor,
  w: Tensor,
  b: Tensor,
  sizes: ConvSizes,
  index: Tensor | null = null,
): Tensor {
  const { N, O, outH, outW } = sizes;
  const y = emptyImages(x, index?.shape ?? [N, O, outH, outW], true);
  const planes = readsPlanes(x, sizes);
  const base = blasBase();
  const { table, pieces, cost } = cut(x, sizes, planes, base, index ? RESULTS : 0);
  const images = planes ? x : inOrder(x, true);
  withMatrices(w, sizes, (filters) =>
    kernel.loweredImages(images, filters, b.contiguous(), y, index ?? table, table, 0, pieces, cost, base),
  );
  table.dispose();
  return y;
}

export function loweredTransposed(g: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor {
  const { N, C, H, W, outH, outW, O } = sizes;
  const dx = emptyImages(g, [N, C, H, W], true);
  const base = blasBase();
  const { table } = cut(g, sizes, false, base);
  const cost = outH * outW * depthOf(sizes) * O * COST;
  withMatrices(w, sizes, (filters) =>
    kernel.loweredTransposed(inOrder(g, true), filters, b.contiguous(), dx, table, 0, N, cost, base),
  );
  table.dispose();
  return dx;
}

/** The gradient of w; with an index, g is that of the pooled result. */
export function loweredWeight(x: Tensor, g: Tensor, sizes: ConvSizes, index: Tensor | null = null): Tensor {
  const { C, O, K, L, groups } = sizes;
  const planes = readsPlanes(x, sizes);
  const base = blasBase();
  const { table, pieces, cost, slots } = cut(x, sizes, planes, base, index ? GRADIENTS : 0);
  const sums = x.newEmpty([slots, groups, K, L, C / groups, O / groups]);
  const [images, gradients] = [planes ? x : inOrder(x, true), inOrder(g, true)];
  kernel.loweredSums(images, gradients, index ?? table, sums, table, 0, slots, (cost * pieces) / slots, base);
  const each = sums.size / slots;
  const [sum, ...others] = Array.from({ length: slots }, (_, i) => sums.newView([each], [1], i * each));
  for (const other of others) addInto(other, sum);
  const w = x.newEmpty([O, C / groups, K, L]);
  copyInto(
    sum.newView([groups, K, L, C / groups, O / groups], sums.strides.slice(1), 0),
    asMatrices(w, sizes),
  );
  for (const t of [table, sums]) t.dispose();
  return w;
}

/** Filters [O, C/groups, K, L] seen as a matrix per group: [groups, K, L, C/groups, O/groups]. */
function asMatrices(w: Tensor, { O, C, K, L, groups }: ConvSizes): Tensor {
  const [o, c, k, l] = w.strides;
  return w.newView([groups, K, L, C / groups, O / groups], [(o * O) / groups, k, l, c, o], w.offset);
}

/** Up to so many outputs it costs a tenth of the whole or more to lay the filters out. */
const FEW_OUTPUTS = 1024;

function withMatrices(w: Tensor, sizes: ConvSizes, use: (filters: Tensor) => void): void {
  const { N, outH, outW, groups } = sizes;
  const form = N * outH * outW <= FEW_OUTPUTS ? `matrices of ${groups} groups` : null;
  withKept(w, form, () => matrices(w, sizes), use);
}

function matrices(w: Tensor, sizes: ConvSizes): Tensor {
  const view = asMatrices(w, sizes);
  const packed = w.newEmpty(view.shape);
  copyInto(view, packed);
  return packed;
}

const depthOf = ({ K, L, C, groups }: ConvSizes): number => (K * L * C) / groups;

/** One small image is two pieces: one for each of two threads. Products like whole eights. */
const halfOf = (outputs: number): number => 8 * Math.ceil(outputs / 16);

/** How the outputs are cut into pieces. It follows from the sizes and who multiplies, and so do the sums that come out. */
function cut(like: Tensor, sizes: ConvSizes, planes: boolean, base: number, pool = 0) {
  const { N, H, W, C, outH, outW, O, K, L, stride, padding, dilation, groups } = sizes;
  const room = base === 0 ? PIECE : PIECE_WITH_BLAS;
  const most = Math.max(1, Math.floor(room / depthOf(sizes)));
  const short = Math.max(1, Math.floor(Math.min(most, OUTPUTS_OF_PLANES) / outW));
  const lines = pool ? Math.max(2, Math.min(short & ~1, pairsOfLines(sizes, room))) : short;
  const piece = planes ? lines * outW : Math.min(OUTPUTS, most, Math.max(LEAST, halfOf(N * outH * outW)));
  const pieces = Math.ceil((N * outH * outW) / piece);
  const slots = Math.max(1, Math.min(pieces, depthOf(sizes) * O > SUMS ? 2 : 4));
  const numbers = [
    ...[N, H, W, C, outH, outW, O, K, L],
    ...[...stride, ...padding, ...dilation, groups],
    ...[piece, slots, planes ? 1 : 0, pool],
  ];
  const table = like.newFrom(numbers, [numbers.length], "int32");
  return { table, pieces, slots, cost: piece * depthOf(sizes) * O * COST };
}
