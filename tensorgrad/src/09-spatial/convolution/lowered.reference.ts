import type { Floats } from "../../00-runtime/arrays.ts";
import { poolPixels, spreadPixel } from "../pooling/pairs.ts";

// Convolution as a matrix product (Chellapilla, Puri & Simard 2006). "Lowering" writes what the filter sees at one output into
// a row: [K·L·C] numbers, so that all filters together are one matrix and a stretch of outputs is one product. The whole
// image, lowered, is K·L times as large; so only a piece is at any time.
//
// Channels are in groups; a group's filters are a matrix [K·L·C/groups, O/groups] of their own. Results lie channels last, images
// do, too, or (planes) channel by channel.

/** In the order of the table `sizes`. */
type Sizes = [
  N: number,
  H: number,
  W: number,
  C: number,
  outH: number,
  outW: number,
  O: number,
  K: number,
  L: number,
  strideH: number,
  strideW: number,
  top: number,
  left: number,
  dilationH: number,
  dilationW: number,
  groups: number,
  /** Outputs that are worked on at a time. */
  piece: number,
  /** Parts whose sums are kept apart, then added. */
  slots: number,
  /** 1: the images lie channel by channel. */
  planes: number,
  /** 1: results are pooled by windows of 2×2; 2: gradients are given for those. Pieces are pairs of lines then. */
  pool: number,
];

const [RESULTS, GRADIENTS] = [1, 2];

/** y = rows·filters + b for pieces number `first` to `first + count − 1` of the outputs. */
export function loweredImages(
  x: Floats,
  filters: Floats,
  b: Floats,
  y: Floats,
  index: Int32Array,
  sizes: Int32Array,
  first: number,
  count: number,
  _cost: number,
  _base: number,
): void {
  const [N, , , C, outH, outW, O, K, L] = sizes as unknown as Sizes;
  const [, , , , , , , , , , , , , , , groups, piece, , , pool] = sizes as unknown as Sizes;
  const [inputs, outputs] = [C / groups, O / groups];
  const result = (p: number, o: number) => {
    const group = Math.floor(o / outputs);
    let sum = b[o];
    for (let row = 0; row < K * L * inputs; row++) {
      const at = pixelAt(sizes, p, row, group);
      if (at >= 0) sum += x[at] * filters[(group * K * L * inputs + row) * outputs + (o % outputs)];
    }
    return sum;
  };
  const end = Math.min(N * outH * outW, (first + count) * piece);
  for (let p = first * piece; p < end; p++) {
    const [n, h, v] = [Math.floor(p / (outH * outW)), Math.floor(p / outW) % outH, p % outW];
    for (let o = 0; o < O; o++) {
      if (pool !== RESULTS) y[p * O + o] = result(p, o);
      else if (h % 2 === 0 && v % 2 === 0)
        poolPixels(y, index, n, h, v, o, outH, outW, O, (k, l) => result(p + k * outW + l, o));
    }
  }
}

/** dx = b + Σ g·filters, spread over what the filters saw, for images number `first` to `first + count − 1`. */
export function loweredTransposed(
  g: Floats,
  filters: Floats,
  b: Floats,
  dx: Floats,
  sizes: Int32Array,
  first: number,
  count: number,
  _cost: number,
  _base: number,
): void {
  const [, H, W, C, outH, outW, O, K, L] = sizes as unknown as Sizes;
  const [, , , , , , , , , , , , , , , groups] = sizes as unknown as Sizes;
  const [inputs, outputs] = [C / groups, O / groups];
  for (let i = first * H * W * C; i < (first + count) * H * W * C; i++) dx[i] = b[i % C];
  for (let p = first * outH * outW; p < (first + count) * outH * outW; p++) {
    for (let o = 0; o < O; o++) {
      const group = Math.floor(o / outputs);
      for (let row = 0; row < K * L * inputs; row++) {
        const at = pixelAt(sizes, p, row, group);
        if (at >= 0)
          dx[at] += g[p * O + o] * filters[(group * K * L * inputs + row) * outputs + (o % outputs)];
      }
    }
  }
}

/** sums[slot] = rowsᵀ·g over the pieces of a slot: the gradient of the filters, [groups, K·L·C/groups, O/groups]. */
export function loweredSums(
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
  const [N, , , C, outH, outW, O, K, L] = sizes as unknown as Sizes;
  const [, , , , , , , , , , , , , , , groups, piece, slots, , pool] = sizes as unknown as Sizes;
  const [inputs, outputs, pixels] = [C / groups, O / groups, N * outH * outW];
  const pieces = Math.ceil(pixels / piece);
  const all = K * L * inputs * O;
  const gradient = (p: number, o: number) => {
    if (pool !== GRADIENTS) return g[p * O + o];
    const [n, h, v] = [Math.floor(p / (outH * outW)), Math.floor(p / outW) % outH, p % outW];
    return spreadPixel(g, index, n, h, v, o, outH, outW, O);
  };
  for (let slot = first; slot < first + count; slot++) {
    sums.fill(0, slot * all, (slot + 1) * all);
    const [from, to] = [slot, slot + 1].map((s) =>
      Math.min(pixels, Math.floor((s * pieces) / slots) * piece),
    );
    for (let p = from; p < to; p++) {
      for (let o = 0; o < O; o++) {
        const group = Math.floor(o / outputs);
        for (let row = 0; row < K * L * inputs; row++) {
          const at = pixelAt(sizes, p, row, group);
          if (at < 0) continue;
          const into = slot * all + (group * K * L * inputs + row) * outputs + (o % outputs);
          sums[into] += x[at] * gradient(p, o);
        }
      }
    }
  }
}

/** Where in the images the number stands that comes `row`-th in the row of output p, or −1 for the zeros around them. */
function pixelAt(sizes: Int32Array, p: number, row: number, group: number): number {
  const [, H, W, C, outH, outW, , , L, strideH, strideW, top, left, dilationH, dilationW] =
    sizes as unknown as Sizes;
  const [, , , , , , , , , , , , , , , groups, , , planes] = sizes as unknown as Sizes;
  const inputs = C / groups;
  const [n, i, j] = [Math.floor(p / (outH * outW)), Math.floor(p / outW) % outH, p % outW];
  const [k, l] = [Math.floor(row / (L * inputs)), Math.floor(row / inputs) % L];
  const c = group * inputs + (row % inputs);
  const h = i * strideH + k * dilationH - top;
  const v = j * strideW + l * dilationW - left;
  if (h < 0 || h >= H || v < 0 || v >= W) return -1;
  return planes ? ((n * C + c) * H + h) * W + v : ((n * H + h) * W + v) * C + c;
}
