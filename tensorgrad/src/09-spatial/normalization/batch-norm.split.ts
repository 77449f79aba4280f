import { divide, FLOAT, HEAVY, LIGHT, type Split } from "../../00-runtime/split.ts";

/**
 * Divides by outer ones, or a single one by channels. `large` says which arguments are arrays as long as x, `own`
 * which have a number per channel; the sizes begin at argument `sizes`.
 */
const splitNorm =
  (large: readonly number[], own: readonly number[], sizes: number): Split =>
  (...args) => {
    const [outer, channels, inner] = args.slice(sizes);
    const part = (elements: number, channel: number, size: number, length: number) =>
      args.map((argument, i) => {
        if (i === size) return length;
        const moved = large.includes(i) ? elements : own.includes(i) ? channel : 0;
        return argument + FLOAT * moved;
      });
    const cost = channels * inner * LIGHT;
    if (outer > 1) return divide(outer, cost, (o, n) => part(o * channels * inner, 0, sizes, n), 1);
    return divide(channels, inner * LIGHT, (c, n) => part(c * inner, c, sizes + 1, n));
  };

export const batchNorm = splitNorm([0, 6], [1, 2, 3, 4, 5], 7);
export const batchNormGrad = splitNorm([0, 1, 9], [2, 3, 4, 5, 6, 7, 8], 10);

/** By channels: every one is a sum over all else. */
export const batchNormSums: Split = (
  x,
  g,
  w,
  b,
  shift,
  rest,
  variance,
  dw,
  db,
  outer,
  channels,
  inner,
  ...others
) =>
  divide(channels, outer * inner * HEAVY, (c, n) => {
    const perChannel = [w, b, shift, rest, variance, dw, db].map((array) => array + FLOAT * c);
    return [x + FLOAT * c * inner, g + FLOAT * c * inner, ...perChannel, outer, n, inner, ...others];
  });
