import type { DType } from "../00-runtime/index.ts";
import { copyInto, type Shape, sizeOf, type Tensor } from "../01-tensor/index.ts";

// Images are [N, C, H, W] at the surface. In memory the channels of a pixel may lie side by side instead
// ("channels last": [N, H, W, C] seen through strides). Kernels of this module take either, and answer in kind.

/** Dims and strides with the channels behind all others. */
const channelsToEnd = (list: Shape): number[] => [list[0], ...list.slice(2), list[1]];

/** The strides of a batch [N, C, …] in channels-last order without gaps. */
function stridesBehind(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  strides[1] = 1;
  let step = shape[1];
  for (let i = shape.length - 1; i >= 2; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  strides[0] = step;
  return strides;
}

/** Whether a batch [N, C, …] lies in memory as [N, …, C]. With one channel both orders are the same: then not. */
export function isChannelsLast(x: Tensor): boolean {
  if (x.shape[1] === 1) return false;
  return x.newView(channelsToEnd(x.shape), channelsToEnd(x.strides), x.offset).isContiguous();
}

/** A new tensor of a shape [N, C, …], in either order. */
export function emptyImages(
  like: Tensor,
  shape: Shape,
  channelsLast: boolean,
  dtype: DType = like.dtype,
): Tensor {
  const made = like.newEmpty(shape, dtype);
  return channelsLast ? made.newView(shape, stridesBehind(shape), 0) : made;
}

/** The same numbers, in the order asked for; copied only if they lie in another one. */
export function inOrder(x: Tensor, channelsLast: boolean): Tensor {
  if (channelsLast ? isChannelsLast(x) : x.isContiguous()) return x;
  const y = emptyImages(x, x.shape, channelsLast);
  copyInto(x, y);
  return y;
}

/** How a kernel sees images: `count` of them, each of `channels` adjacent numbers a pixel. */
export interface Images {
  readonly x: Tensor;
  readonly channelsLast: boolean;
  readonly count: number;
  readonly channels: number;
}

/** Channels last as they are; anything else as one image of a single channel for every plane. */
export function imagesOf(given: Tensor): Images {
  const channelsLast = isChannelsLast(given);
  const [N, C] = given.shape;
  const x = inOrder(given, channelsLast);
  return channelsLast
    ? { x, channelsLast, count: N, channels: C }
    : { x, channelsLast, count: N * C, channels: 1 };
}

/** How a kernel sees numbers that belong to channels: [outer, channels, inner], without gaps. */
export interface Lines {
  readonly x: Tensor;
  readonly channelsLast: boolean;
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

export function linesOf(given: Tensor): Lines {
  const channelsLast = isChannelsLast(given);
  const x = inOrder(given, channelsLast);
  const [N, channels] = x.shape;
  const pixels = sizeOf(x.shape.slice(2));
  return channelsLast
    ? { x, channelsLast, outer: N * pixels, channels, inner: 1 }
    : { x, channelsLast, outer: N, channels, inner: pixels };
}
