import { madd, maddScalar } from "../../00-runtime/simd/madd.simd";

/** Input number `end` (0 or 1) of output i. */
@inline
function inputOf(table: usize, i: usize, end: usize): usize {
  return <usize>load<i32>(table + (i << 3) + (end << 2));
}

/** How much corner k counts. */
@inline
function shareOf(down: f32, across: f32, k: usize): f32 {
  return (k & 2 ? down : 1 - down) * (k & 1 ? across : 1 - across);
}

export function interpolate(
  x: usize, y: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize, below: usize, right: usize,
): void {
  const pixel = channels << 2;
  for (let n: usize = 0; n < count; n++, x += height * width * pixel) {
    for (let i: usize = 0; i < outHeight; i++) {
      const down = load<f32>(below + (i << 2));
      for (let j: usize = 0; j < outWidth; j++, y += pixel) {
        const across = load<f32>(right + (j << 2));
        memory.fill(y, 0, pixel);
        for (let k: usize = 0; k < 4; k++) {
          const share = shareOf(down, across, k);
          if (share == 0) continue;
          const from = x + (inputOf(rows, i, k >> 1) * width + inputOf(cols, j, k & 1)) * pixel;
          addShare(from, y, share, channels);
        }
      }
    }
  }
}

export function interpolateGrad(
  g: usize, dx: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize, below: usize, right: usize,
): void {
  const pixel = channels << 2;
  memory.fill(dx, 0, count * height * width * pixel);
  for (let n: usize = 0; n < count; n++, dx += height * width * pixel) {
    for (let i: usize = 0; i < outHeight; i++) {
      const down = load<f32>(below + (i << 2));
      for (let j: usize = 0; j < outWidth; j++, g += pixel) {
        const across = load<f32>(right + (j << 2));
        for (let k: usize = 0; k < 4; k++) {
          const share = shareOf(down, across, k);
          if (share == 0) continue;
          const to = dx + (inputOf(rows, i, k >> 1) * width + inputOf(cols, j, k & 1)) * pixel;
          addShare(g, to, share, channels);
        }
      }
    }
  }
}

/** y += share·x for the channels of one pixel. */
@inline
function addShare(x: usize, y: usize, share: f32, n: usize): void {
  const shares = f32x4.splat(share);
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    v128.store(y, madd(v128.load(x), shares, v128.load(y)));
  }
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, maddScalar(load<f32>(x), share, load<f32>(y)));
}
