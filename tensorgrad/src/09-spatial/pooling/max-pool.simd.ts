import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { maxOfFour, putWhere, wins } from "./pairs.simd";
import { endOf, startOf } from "./windows.simd";

// Images whose channels lie side by side are pooled 4 channels at a time: every lane of a vector looks at the same
// pixels. In planes (one channel), windows of 2×2 are pooled 4 columns at a time.

export function maxPool(
  x: usize, y: usize, index: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize, rowStep: usize, colStep: usize,
): void {
  const pixel = channels << 2;
  for (let n: usize = 0; n < count; n++, x += height * width * pixel) {
    for (let i: usize = 0; i < outHeight; i++) {
      const top = startOf(rows, i);
      const bottom = endOf(rows, i);
      const pair = rowStep == 1 && bottom - top == 2;
      let j: usize = 0;
      if (channels == 1 && pair && colStep == 1) j = maxOfPlanePairs(x, y, index, cols, top, width, outWidth);
      y += j * pixel;
      index += j * pixel;
      for (; j < outWidth; j++, y += pixel, index += pixel) {
        const left = startOf(cols, j);
        const right = endOf(cols, j);
        if (channels < 4) {
          maxOfWindow(x, y, index, channels, width, top, bottom, left, right, rowStep, colStep);
        } else if (pair && colStep == 1 && right - left == 2) {
          maxOfFour(x + (top * width + left) * pixel, y, index, pixel, width * pixel, top * width + left, width);
        } else {
          maxOfChannels(x, y, index, pixel, width, top, bottom, left, right, rowStep, colStep);
        }
      }
    }
  }
}

/** Any window, 4 channels at a time. */
function maxOfChannels(
  x: usize, y: usize, index: usize, pixel: usize, width: usize,
  top: usize, bottom: usize, left: usize, right: usize, rowStep: usize, colStep: usize,
): void {
  const empty = top >= bottom || left >= right;
  const first = i32x4.splat(empty ? -1 : <i32>(top * width + left));
  for (let c: usize = 0; c < pixel; c += 16) {
    const lanes = min<usize>((pixel - c) >> 2, 4);
    let best = f32x4.splat(-Infinity);
    let at = first;
    for (let h = top; h < bottom; h += rowStep) {
      for (let w = left; w < right; w += colStep) {
        const position = h * width + w;
        const value = loadLanes(x + position * pixel + c, lanes);
        const won = wins(value, best);
        best = v128.bitselect(value, best, won);
        at = v128.bitselect(i32x4.splat(<i32>position), at, won);
      }
    }
    storeLanes(y + c, best, lanes);
    storeLanes(index + c, at, lanes);
  }
}

/** Any window, one channel after the other. */
function maxOfWindow(
  x: usize, y: usize, index: usize, channels: usize, width: usize,
  top: usize, bottom: usize, left: usize, right: usize, rowStep: usize, colStep: usize,
): void {
  const empty = top >= bottom || left >= right;
  for (let c: usize = 0; c < channels; c++, x += 4, y += 4, index += 4) {
    let best: f32 = -Infinity;
    let at = empty ? -1 : <i32>(top * width + left);
    for (let h = top; h < bottom; h += rowStep) {
      for (let w = left; w < right; w += colStep) {
        const value = load<f32>(x + (((h * width + w) * channels) << 2));
        if (value > best || value != value) {
          best = value;
          at = <i32>(h * width + w);
        }
      }
    }
    store<f32>(y, best);
    store<i32>(index, at);
  }
}

/** Whether the four windows from j on are neighbours, 2 columns each. */
@inline
function arePairs(cols: usize, j: usize): bool {
  const start = startOf(cols, j);
  for (let k: usize = 0; k < 4; k++) {
    if (startOf(cols, j + k) != start + 2 * k || endOf(cols, j + k) != start + 2 * k + 2) return false;
  }
  return true;
}

/** Windows of 2×2 side by side in a plane, four at a time; returns how many there were. */
@inline
function maxOfPlanePairs(
  x: usize, y: usize, index: usize, cols: usize, top: usize, width: usize, outWidth: usize,
): usize {
  let j: usize = 0;
  for (; j + 4 <= outWidth && arePairs(cols, j); j += 4) {
    const position = top * width + startOf(cols, j);
    const above = x + (position << 2);
    const below = above + (width << 2);
    const a = evenLanes(v128.load(above), v128.load(above, 16));
    const b = oddLanes(v128.load(above), v128.load(above, 16));
    const d = evenLanes(v128.load(below), v128.load(below, 16));
    const e = oddLanes(v128.load(below), v128.load(below, 16));
    const right = wins(b, a);
    const rightBelow = wins(e, d);
    const upper = v128.bitselect(b, a, right);
    const bottom = v128.bitselect(e, d, rightBelow);
    const lower = wins(bottom, upper);
    v128.store(y + (j << 2), v128.bitselect(bottom, upper, lower));
    const first = i32x4.add(i32x4.splat(<i32>position), i32x4(0, 2, 4, 6));
    const third = i32x4.add(first, i32x4.splat(<i32>width));
    const at = v128.bitselect(i32x4.sub(third, rightBelow), i32x4.sub(first, right), lower);
    v128.store(index + (j << 2), at);
  }
  return j;
}

@inline
function evenLanes(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

@inline
function oddLanes(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

/** Whether the windows cover a dim of this size without gap and overlap: then every input is written once. */
function tile(table: usize, outputs: usize, size: usize, step: usize): bool {
  let at: usize = 0;
  for (let i: usize = 0; i < outputs; i++) {
    if (startOf(table, i) != at) return false;
    at = endOf(table, i);
    if (step != 1 && at != startOf(table, i) + 1) return false;
  }
  return at == size;
}

export function maxPoolGrad(
  g: usize, index: usize, dx: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize, rowStep: usize, colStep: usize,
): void {
  const pixel = channels << 2;
  const image = height * width * pixel;
  const tiled =
    channels >= 4 && tile(rows, outHeight, height, rowStep) && tile(cols, outWidth, width, colStep);
  if (!tiled) memory.fill(dx, 0, count * image);
  for (let n: usize = 0; n < count; n++, dx += image) {
    for (let i: usize = 0; i < outHeight; i++) {
      for (let j: usize = 0; j < outWidth; j++, g += pixel, index += pixel) {
        if (channels < 4) {
          for (let c: usize = 0; c < pixel; c += 4) {
            const at = load<i32>(index + c);
            if (at < 0) continue;
            const to = dx + <usize>at * pixel + c;
            store<f32>(to, load<f32>(to) + load<f32>(g + c));
          }
          continue;
        }
        for (let h = startOf(rows, i); h < endOf(rows, i); h += rowStep) {
          for (let w = startOf(cols, j); w < endOf(cols, j); w += colStep) {
            const position = h * width + w;
            if (tiled) putWhere(g, index, dx + position * pixel, position, pixel);
            else addWhere(g, index, dx + position * pixel, position, pixel);
          }
        }
      }
    }
  }
}

/** dx += g where the index is this position. */
@inline
function addWhere(g: usize, index: usize, dx: usize, position: usize, pixel: usize): void {
  const here = i32x4.splat(<i32>position);
  let c: usize = 0;
  for (const end = pixel & ~15; c < end; c += 16) {
    const given = v128.and(v128.load(g + c), i32x4.eq(v128.load(index + c), here));
    v128.store(dx + c, f32x4.add(v128.load(dx + c), given));
  }
  for (; c < pixel; c += 4) {
    if (load<i32>(index + c) == <i32>position) store<f32>(dx + c, load<f32>(dx + c) + load<f32>(g + c));
  }
}

export function maxPoolTake(
  v: usize, index: usize, y: usize, count: usize, channels: usize, inputs: usize, outputs: usize,
): void {
  const pixel = channels << 2;
  for (let n: usize = 0; n < count; n++, v += inputs * pixel) {
    for (let i: usize = 0; i < outputs; i++, index += pixel, y += pixel) {
      for (let c: usize = 0; c < pixel; c += 4) {
        const at = load<i32>(index + c);
        store<f32>(y + c, at < 0 ? 0 : load<f32>(v + <usize>at * pixel + c));
      }
    }
  }
}
