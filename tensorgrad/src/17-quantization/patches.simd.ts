// Fields of filters as rows of bytes: whole runs of channels are copied, and where taps lie next to each other inside of the
// image, those of a line at once.

export function bytePatches(
  x: usize, y: usize, H: i32, W: i32, C: i32, K: i32, L: i32, outW: i32, strideH: i32, strideW: i32,
  dilationH: i32, dilationW: i32, top: i32, left: i32, zero: u8, first: i32, count: i32,
): void {
  const line = L * C;
  let i = first / outW;
  let j = first % outW;
  for (let row: i32 = 0; row < count; row++) {
    const w = j * strideW - left;
    const dense = dilationW == 1 && w >= 0 && w + L <= W;
    for (let k: i32 = 0; k < K; k++, y += line) {
      const h = i * strideH + k * dilationH - top;
      if (h < 0 || h >= H) memory.fill(y, zero, line);
      else if (dense) memory.copy(y, x + (h * W + w) * C, line);
      else copyTaps(x + h * W * C, y, W, C, L, w, dilationW, zero);
    }
    if (++j == outW) {
      j = 0;
      i++;
    }
  }
}

function copyTaps(line: usize, y: usize, W: i32, C: i32, L: i32, w: i32, dilation: i32, zero: u8): void {
  for (let l: i32 = 0; l < L; l++, w += dilation, y += C) {
    if (w >= 0 && w < W) memory.copy(y, line + w * C, C);
    else memory.fill(y, zero, C);
  }
}
