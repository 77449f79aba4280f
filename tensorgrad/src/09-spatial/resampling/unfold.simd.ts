// Rows of outputs, one tap after the other. With a column stride of 1 a row is a stretch of the image's row.

/** The outputs j of one row whose pixel j·stride + offset lies in the image: from the first to before the end. */
@inline
function firstInside(offset: isize, stride: isize): isize {
  return offset >= 0 ? 0 : (-offset + stride - 1) / stride;
}

@inline
function endInside(offset: isize, stride: isize, width: isize, outputs: isize): isize {
  const last = width - 1 - offset;
  return last < 0 ? 0 : min(last / stride + 1, outputs);
}

export function unfold(
  x: usize, y: usize, planes: usize, height: isize, width: isize, kernelHeight: isize, kernelWidth: isize,
  outHeight: isize, outWidth: isize, rowStride: isize, colStride: isize, top: isize, left: isize,
  rowStep: isize, colStep: isize,
): void {
  const line = <usize>outWidth << 2;
  for (let n: usize = 0; n < planes; n++, x += (<usize>height * <usize>width) << 2) {
    for (let k: isize = 0; k < kernelHeight; k++) {
      for (let l: isize = 0; l < kernelWidth; l++) {
        const offset = l * colStep - left;
        const first = min(firstInside(offset, colStride), outWidth);
        const end = max(endInside(offset, colStride, width, outWidth), first);
        for (let i: isize = 0; i < outHeight; i++, y += line) {
          const h = i * rowStride + k * rowStep - top;
          if (h < 0 || h >= height) {
            memory.fill(y, 0, line);
            continue;
          }
          memory.fill(y, 0, <usize>first << 2);
          memory.fill(y + (<usize>end << 2), 0, <usize>(outWidth - end) << 2);
          const row = x + ((<usize>h * <usize>width) << 2);
          takeRow(row, y, first, end, offset, colStride);
        }
      }
    }
  }
}

@inline
function takeRow(row: usize, y: usize, first: isize, end: isize, offset: isize, stride: isize): void {
  if (end <= first) return;
  let from = row + (<usize>(first * stride + offset) << 2);
  let to = y + (<usize>first << 2);
  if (stride == 1) {
    memory.copy(to, from, <usize>(end - first) << 2);
    return;
  }
  for (let j = first; j < end; j++, from += <usize>stride << 2, to += 4) store<f32>(to, load<f32>(from));
}

export function fold(
  y: usize, x: usize, planes: usize, height: isize, width: isize, kernelHeight: isize, kernelWidth: isize,
  outHeight: isize, outWidth: isize, rowStride: isize, colStride: isize, top: isize, left: isize,
  rowStep: isize, colStep: isize,
): void {
  const line = <usize>outWidth << 2;
  memory.fill(x, 0, (planes * <usize>height * <usize>width) << 2);
  for (let n: usize = 0; n < planes; n++, x += (<usize>height * <usize>width) << 2) {
    for (let k: isize = 0; k < kernelHeight; k++) {
      for (let l: isize = 0; l < kernelWidth; l++) {
        const offset = l * colStep - left;
        const first = min(firstInside(offset, colStride), outWidth);
        const end = endInside(offset, colStride, width, outWidth);
        for (let i: isize = 0; i < outHeight; i++, y += line) {
          const h = i * rowStride + k * rowStep - top;
          if (h < 0 || h >= height || end <= first) continue;
          const row = x + ((<usize>h * <usize>width + <usize>(first * colStride + offset)) << 2);
          addRow(y + (<usize>first << 2), row, end - first, <usize>colStride << 2);
        }
      }
    }
  }
}

/** x += y for n numbers, which lie `step` bytes apart in x. */
@inline
function addRow(y: usize, x: usize, n: isize, step: usize): void {
  if (step == 4) {
    for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
  }
  for (; n > 0; n--, x += step, y += 4) store<f32>(x, load<f32>(x) + load<f32>(y));
}
