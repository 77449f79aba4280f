import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { horizontalSum } from "../../00-runtime/simd/simd-math.simd";
import { countOf, endOf, startOf } from "./windows.simd";

/** Each row of a window has a sum of its own: so the sums of large windows stay short. */
export function averagePool(
  x: usize, y: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize,
): void {
  const pixel = channels << 2;
  for (let n: usize = 0; n < count; n++, x += height * width * pixel) {
    for (let i: usize = 0; i < outHeight; i++) {
      for (let j: usize = 0; j < outWidth; j++, y += pixel) {
        const left = startOf(cols, j);
        const right = endOf(cols, j);
        const divisor = countOf(rows, i) * countOf(cols, j);
        if (channels == 1) {
          let sum: f32 = 0;
          for (let h = startOf(rows, i); h < endOf(rows, i); h++) {
            sum += sumOfFloats(x + ((h * width + left) << 2), right - left);
          }
          store<f32>(y, sum / divisor);
          continue;
        }
        for (let c: usize = 0; c < pixel; c += 16) {
          const lanes = min<usize>((pixel - c) >> 2, 4);
          let sum = f32x4.splat(0);
          for (let h = startOf(rows, i); h < endOf(rows, i); h++) {
            let line = f32x4.splat(0);
            let at = x + (h * width + left) * pixel + c;
            for (let w = left; w < right; w++, at += pixel) line = f32x4.add(line, loadLanes(at, lanes));
            sum = f32x4.add(sum, line);
          }
          storeLanes(y + c, f32x4.div(sum, f32x4.splat(divisor)), lanes);
        }
      }
    }
  }
}

@inline
function sumOfFloats(x: usize, n: usize): f32 {
  let lanes = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16) lanes = f32x4.add(lanes, v128.load(x));
  let sum = horizontalSum(lanes);
  for (; n > 0; n--, x += 4) sum += load<f32>(x);
  return sum;
}

export function averagePoolGrad(
  g: usize, dx: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize,
): void {
  const pixel = channels << 2;
  memory.fill(dx, 0, count * height * width * pixel);
  for (let n: usize = 0; n < count; n++, dx += height * width * pixel) {
    for (let i: usize = 0; i < outHeight; i++) {
      for (let j: usize = 0; j < outWidth; j++, g += pixel) {
        const left = startOf(cols, j);
        const right = endOf(cols, j);
        const divisor = countOf(rows, i) * countOf(cols, j);
        if (channels == 1) {
          const share = load<f32>(g) / divisor;
          for (let h = startOf(rows, i); h < endOf(rows, i); h++) {
            addToFloats(dx + ((h * width + left) << 2), right - left, share);
          }
          continue;
        }
        for (let c: usize = 0; c < pixel; c += 16) {
          const lanes = min<usize>((pixel - c) >> 2, 4);
          const share = f32x4.div(loadLanes(g + c, lanes), f32x4.splat(divisor));
          for (let h = startOf(rows, i); h < endOf(rows, i); h++) {
            let at = dx + (h * width + left) * pixel + c;
            for (let w = left; w < right; w++, at += pixel) {
              storeLanes(at, f32x4.add(loadLanes(at, lanes), share), lanes);
            }
          }
        }
      }
    }
  }
}

@inline
function addToFloats(x: usize, n: usize, value: f32): void {
  const lanes = f32x4.splat(value);
  for (; n >= 4; n -= 4, x += 16) v128.store(x, f32x4.add(v128.load(x), lanes));
  for (; n > 0; n--, x += 4) store<f32>(x, load<f32>(x) + value);
}
