// Rectangles and runs of pixels of an image that lies channels last. Lengths are in bytes.

/** From here on a call of memory.copy costs less than a loop. */
@inline
const LONG: usize = 1024;

@inline
export function copyRun(d: usize, s: usize, length: usize): void {
  if (length >= LONG) {
    memory.copy(d, s, length);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) v128.store(d + i, v128.load(s + i));
  if (i == length) return;
  if (length > 16) v128.store(d + length - 16, v128.load(s + length - 16)); // the last four, some of them once more
  else for (; i < length; i += 4) store<u32>(d + i, load<u32>(s + i));
}

@inline
export function zeroRun(d: usize, length: usize): void {
  if (length >= LONG) {
    memory.fill(d, 0, length);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) v128.store(d + i, i32x4.splat(0));
  for (; i < length; i += 4) store<u32>(d + i, 0);
}

@inline
export function addRun(d: usize, s: usize, length: usize): void {
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) v128.store(d + i, f32x4.add(v128.load(d + i), v128.load(s + i)));
  for (; i < length; i += 4) store<f32>(d + i, load<f32>(d + i) + load<f32>(s + i));
}

/** The same run over and over. */
export function repeatRun(d: usize, s: usize, length: usize, times: usize): void {
  for (; times > 0; times--, d += length) copyRun(d, s, length);
}

/**
 * Rows `top` to `top + rows − 1` and columns `left` to `left + cols − 1` of an image [H, W] of pixels of `run` bytes, one after
 * the other; zeros where they lie outside of it.
 */
export function copyRegion(
  image: usize, d: usize, top: i32, rows: i32, left: i32, cols: i32, H: i32, W: i32, run: usize,
): void {
  const first = min(cols, max(0, -left)); // columns before the image
  const inside = max(0, min(left + cols, W) - max(left, 0));
  const line = <usize>cols * run;
  const before = <usize>first * run;
  const width = <usize>inside * run;
  for (let i = top; i < top + rows; i++, d += line) {
    if (i < 0 || i >= H || inside == 0) {
      zeroRun(d, line);
      continue;
    }
    zeroRun(d, before);
    copyRun(d + before, image + <usize>(i * W + max(left, 0)) * run, width);
    zeroRun(d + before + width, line - before - width);
  }
}
