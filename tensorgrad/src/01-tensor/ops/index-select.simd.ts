import { copyRow } from "../../00-runtime/strided.simd";

// WebAssembly has no instruction that loads from a vector of addresses: whole rows are moved as vectors, single
// elements one by one.

export function indexSelect(
  x: usize, index: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize,
): void {
  const row = inner << 2;
  for (let o: usize = 0; o < outer; o++, x += n * row) {
    for (let j: usize = 0; j < count; j++, y += row) {
      const from = x + <usize>load<u32>(index + (j << 2)) * row;
      if (inner == 1) store<u32>(y, load<u32>(from));
      else copyRow(from, y, inner);
    }
  }
}

/** Slices are added in the order of the index: the sum of those that meet does not depend on anything else. */
export function indexAdd(
  x: usize, index: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize,
): void {
  const row = inner << 2;
  for (let o: usize = 0; o < outer; o++, y += n * row) {
    for (let j: usize = 0; j < count; j++, x += row) {
      const to = y + <usize>load<u32>(index + (j << 2)) * row;
      if (inner == 1) store<f32>(to, load<f32>(to) + load<f32>(x));
      else addRow(x, to, inner);
    }
  }
}

@inline
function addRow(x: usize, y: usize, n: usize): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}
