import { blasBase, kernels } from "../../00-runtime/index.ts";
import { addInto, copyInto, type Tensor } from "../../01-tensor/index.ts";
import type { ConvSizes } from "../geometry.ts";
import { emptyImages, inOrder } from "../layout.ts";
import * as reference from "./lowered.reference.ts";
import * as split from "./lowered.split.ts";

const kernel = kernels(reference, split);

/** Numbers of a lowered piece, at most: it stays in the second-level cache, and in scratch beside what the own product needs. */
const PIECE = 229_344;
/** A BLAS packs elsewhere and leaves more of scratch: 1 MB. */
const PIECE_WITH_BLAS = 262_144;
/** Outputs in a piece: more make products no faster. */
const OUTPUTS = 256;
/** Where a row is short, pieces may be longer. */
const OUTPUTS_OF_PLANES = 512;
const SUMS = 262_144;
/** Nanoseconds of a multiplication and addition: a rough figure that tells whether threads pay. */
const COST = 0.02;

/** Whether rows of a lowered image fit into a piece. */
export const isLowered = (sizes: ConvSizes): boolean => depthOf(sizes) <= PIECE;

/** Images of few channels are read channel by channel, as they come: a line of outputs is a line of pixels. */
function readsPlanes(x: Tensor, sizes: ConvSizes): boolean {
  return sizes.C <= 4 && sizes.groups === 1 && x.isContiguous() && depthOf(sizes) * sizes.outW <= PIECE;
}

export function loweredImages(x: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor {
  const { N, O, outH, outW } = sizes;
  const y = emptyImages(x, [N, O, outH, outW], true);
  const planes = readsPlanes(x, sizes);
  const base = blasBase();
  const { table, pieces, cost } = cut(x, sizes, planes, base);
  const images = planes ? x : inOrder(x, true);
  const filters = matrices(w, sizes);
  kernel.loweredImages(images, filters, b.contiguous(), y, table, 0, pieces, cost, base);
  for (const t of [table, filters]) t.dispose();
  return y;
}

export function loweredTransposed(g: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor {
  const { N, C, H, W, outH, outW, O } = sizes;
  const dx = emptyImages(g, [N, C, H, W], true);
  const base = blasBase();
  const { table } = cut(g, sizes, false, base);
  const filters = matrices(w, sizes);
  const cost = outH * outW * depthOf(sizes) * O * COST;
  kernel.loweredTransposed(inOrder(g, true), filters, b.contiguous(), dx, table, 0, N, cost, base);
  for (const t of [table, filters]) t.dispose();
  return dx;
}

export function loweredWeight(x: Tensor, g: Tensor, sizes: ConvSizes): Tensor {
  const { C, O, K, L, groups } = sizes;
  const planes = readsPlanes(x, sizes);
  const base = blasBase();
  const { table, pieces, cost, slots } = cut(x, sizes, planes, base);
  const sums = x.newEmpty([slots, groups, K, L, C / groups, O / groups]);
  const [images, gradients] = [planes ? x : inOrder(x, true), inOrder(g, true)];
  kernel.loweredSums(images, gradients, sums, table, 0, slots, (cost * pieces) / slots, base);
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

function matrices(w: Tensor, sizes: ConvSizes): Tensor {
  const view = asMatrices(w, sizes);
  const packed = w.newEmpty(view.shape);
  copyInto(view, packed);
  return packed;
}

const depthOf = ({ K, L, C, groups }: ConvSizes): number => (K * L * C) / groups;

/** How the outputs are cut into pieces. It follows from the sizes and who multiplies, and so do the sums that come out. */
function cut(like: Tensor, sizes: ConvSizes, planes: boolean, base: number) {
  const { N, H, W, C, outH, outW, O, K, L, stride, padding, dilation, groups } = sizes;
  const most = Math.max(1, Math.floor((base === 0 ? PIECE : PIECE_WITH_BLAS) / depthOf(sizes)));
  const lines = Math.max(1, Math.floor(Math.min(most, OUTPUTS_OF_PLANES) / outW));
  const piece = planes ? lines * outW : Math.min(OUTPUTS, most);
  const pieces = Math.ceil((N * outH * outW) / piece);
  const slots = Math.max(1, Math.min(pieces, depthOf(sizes) * O > SUMS ? 2 : 4));
  const numbers = [
    ...[N, H, W, C, outH, outW, O, K, L],
    ...[...stride, ...padding, ...dilation, groups],
    ...[piece, slots, planes ? 1 : 0],
  ];
  const table = like.newFrom(numbers, [numbers.length], "int32");
  return { table, pieces, slots, cost: piece * depthOf(sizes) * O * COST };
}
