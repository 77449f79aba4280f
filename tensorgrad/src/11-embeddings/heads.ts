import { type Shape, type Tensor, upright } from "../01-tensor/index.ts";

/**
 * A tensor [..., H, T, D] seen as [N, H, T, D] with adjacent numbers in its rows, as kernels of heads read it. What a
 * projection leaves, [N, T, H, D] transposed, is read where it lies; only rows with gaps are copied.
 */
export function asHeads(given: Tensor): Tensor {
  const x = upright(given);
  const { shape } = x;
  const whole = x.strides.at(-1) === 1 || shape.at(-1) === 1 ? x : x.contiguous();
  if (whole.rank === 4) return whole;
  const lead = shape.slice(0, -3).reduce((product, n) => product * n, 1);
  return whole.reshape([lead, shape.at(-3) ?? 1, ...shape.slice(-2)]);
}

/** A new tensor [N, H, T, E] in the memory order of `like` [N, H, T, D]: heads of a position side by side, or one after the other. */
export function newAsHeads(like: Tensor, [lead, heads, rows, cols]: Shape): Tensor {
  const [, head, row] = like.strides;
  if (head >= row || heads === 1) return like.newEmpty([lead, heads, rows, cols]);
  const made = like.newEmpty([lead, rows, heads, cols]);
  return made.newView([lead, heads, rows, cols], [rows * heads * cols, cols, heads * cols, 1], 0);
}
