// Windows of 2×2 over images whose channels lie side by side, 4 channels at a time.

/** Whether b wins over a, which comes before it: by being larger, or NaN. */
@inline
export function wins(b: v128, a: v128): v128 {
  return v128.or(f32x4.gt(b, a), f32x4.ne(b, b));
}

/**
 * One window with all channels, as a tournament: the winners of both rows meet. x is its first pixel, whose number in the
 * image is `position`; pixels have `pixel` bytes, lines `line`.
 */
@inline
export function maxOfFour(
  x: usize, y: usize, index: usize, pixel: usize, line: usize, position: usize, width: usize,
): void {
  const first = i32x4.splat(<i32>position);
  const third = i32x4.splat(<i32>(position + width));
  const below = x + line;
  let c: usize = 0;
  for (const end = pixel & ~15; c < end; c += 16) {
    const a = v128.load(x + c);
    const b = v128.load(x + pixel + c);
    const d = v128.load(below + c);
    const e = v128.load(below + pixel + c);
    const right = wins(b, a);
    const rightBelow = wins(e, d);
    const top = v128.bitselect(b, a, right);
    const bottom = v128.bitselect(e, d, rightBelow);
    const lower = wins(bottom, top);
    v128.store(y + c, v128.bitselect(bottom, top, lower));
    // A mask is −1 where it holds.
    const at = v128.bitselect(i32x4.sub(third, rightBelow), i32x4.sub(first, right), lower);
    v128.store(index + c, at);
  }
  for (; c < pixel; c += 4) {
    let best = load<f32>(x + c);
    let at = position;
    for (let k: usize = 1; k < 4; k++) {
      const value = load<f32>(x + (k & 1) * pixel + (k >> 1) * line + c);
      if (value > best || value != value) {
        best = value;
        at = position + (k & 1) + (k >> 1) * width;
      }
    }
    store<f32>(y + c, best);
    store<i32>(index + c, <i32>at);
  }
}

/** dx = g where the index is this position, else 0. */
@inline
export function putWhere(g: usize, index: usize, dx: usize, position: usize, pixel: usize): void {
  const here = i32x4.splat(<i32>position);
  let c: usize = 0;
  for (const end = pixel & ~15; c < end; c += 16) {
    v128.store(dx + c, v128.and(v128.load(g + c), i32x4.eq(v128.load(index + c), here)));
  }
  for (; c < pixel; c += 4) {
    store<f32>(dx + c, load<i32>(index + c) == <i32>position ? load<f32>(g + c) : 0);
  }
}

/**
 * The gradient of a pooled image [H, W] from that of its windows: rows `top` to `top + rows − 1`, columns `left` to
 * `left + cols − 1` of it, one after the other, zeros outside of it. Pixels have `run` bytes.
 */
export function spreadRegion(
  g: usize, index: usize, d: usize, top: i32, rows: i32, left: i32, cols: i32, H: i32, W: i32, run: usize,
): void {
  for (let i = top; i < top + rows; i++) {
    for (let j = left; j < left + cols; j++, d += run) {
      if (i < 0 || i >= H || j < 0 || j >= W) {
        for (let c: usize = 0; c < run; c += 4) store<f32>(d + c, 0);
        continue;
      }
      const from = <usize>((i >> 1) * (W >> 1) + (j >> 1)) * run;
      putWhere(g + from, index + from, d, i * W + j, run);
    }
  }
}
