import { kernels } from "../../00-runtime/index.ts";
import { addInto, copyInto, type Tensor } from "../../01-tensor/index.ts";
import type { ConvSizes } from "../geometry.ts";
import { emptyImages, inOrder } from "../layout.ts";
import * as reference from "./depthwise.reference.ts";
import * as split from "./depthwise.split.ts";

const kernel = kernels(reference, split);

/** Parts of the lines whose sums are kept apart, then added. */
const SLOTS = 4;
/** Nanoseconds of a multiplication and addition. */
const COST = 0.1;

/** Whether every channel has one filter, which sees that channel alone. */
export const isDepthwise = ({ C, O, groups }: ConvSizes): boolean => groups === C && O === C && C > 1;

export function depthwiseImages(x: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor {
  const { N, O, outH, outW } = sizes;
  const y = emptyImages(x, [N, O, outH, outW], true);
  const [table, filters] = [tableOf(x, sizes), tapsFirst(w, sizes)];
  const cost = outW * macs(sizes);
  kernel.depthwiseImages(inOrder(x, true), filters, b.contiguous(), y, table, 0, N * outH, cost, 0);
  for (const t of [table, filters]) t.dispose();
  return y;
}

export function depthwiseTransposed(g: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor {
  const { N, C, H, W, outH, outW } = sizes;
  const dx = emptyImages(g, [N, C, H, W], true);
  const [table, filters] = [tableOf(g, sizes), tapsFirst(w, sizes)];
  const cost = outH * outW * macs(sizes);
  kernel.depthwiseTransposed(inOrder(g, true), filters, b.contiguous(), dx, table, 0, N, cost, 0);
  for (const t of [table, filters]) t.dispose();
  return dx;
}

export function depthwiseWeight(x: Tensor, g: Tensor, sizes: ConvSizes): Tensor {
  const { N, C, K, L, outH, outW } = sizes;
  const sums = x.newEmpty([SLOTS, K, L, C]);
  const table = tableOf(x, sizes);
  const cost = (N * outH * outW * macs(sizes)) / SLOTS;
  kernel.depthwiseSums(inOrder(x, true), inOrder(g, true), sums, table, SLOTS, 0, SLOTS, cost, 0);
  const each = K * L * C;
  const [sum, ...others] = Array.from({ length: SLOTS }, (_, i) => sums.newView([each], [1], i * each));
  for (const other of others) addInto(other, sum);
  const w = x.newEmpty([C, 1, K, L]);
  copyInto(sum.newView([C, 1, K, L], [1, 1, L * C, C], 0), w);
  for (const t of [table, sums]) t.dispose();
  return w;
}

const macs = ({ C, K, L }: ConvSizes): number => C * K * L * COST;

/** Filters [C, 1, K, L] as [K, L, C]. */
function tapsFirst(w: Tensor, { C, K, L }: ConvSizes): Tensor {
  const packed = w.newEmpty([K, L, C]);
  copyInto(w.newView([K, L, C], [w.strides[2], w.strides[3], w.strides[0]], w.offset), packed);
  return packed;
}

function tableOf(like: Tensor, sizes: ConvSizes): Tensor {
  const { N, H, W, C, outH, outW, K, L, stride, padding, dilation } = sizes;
  const numbers = [...[N, H, W, C, outH, outW, K, L], ...stride, ...padding, ...dilation];
  return like.newFrom(numbers, [numbers.length], "int32");
}
