import { copyRow } from "../../../00-runtime/simd/strided.simd";

// WebAssembly has no instruction that loads from a vector of addresses: whole rows are moved as vectors,
// single elements one by one.

export function indexSelect(
  x: usize, index: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize,
): void {
  const row = inner << 2;
  for (let o: usize = 0; o < outer; o++, x += n * row, y += count * row) {
    if (inner == 1) selectElements(x, index, y, count);
    else {
      for (let j: usize = 0; j < count; j++) {
        copyRow(x + <usize>load<u32>(index + (j << 2)) * row, y + j * row, inner);
      }
    }
  }
}

/**
 * Slices are added in the order of the index: the sum of those that meet does not depend on anything else.
 */
export function indexAdd(
  x: usize, index: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize,
): void {
  const row = inner << 2;
  for (let o: usize = 0; o < outer; o++, x += count * row, y += n * row) {
    if (inner == 1) addElements(x, index, y, count);
    else {
      for (let j: usize = 0; j < count; j++) {
        addRow(x + j * row, y + <usize>load<u32>(index + (j << 2)) * row, inner);
      }
    }
  }
}

@inline
function selectElements(x: usize, index: usize, y: usize, n: usize): void {
  for (const end = index + (n << 2); index < end; index += 4, y += 4) {
    store<u32>(y, load<u32>(x + (<usize>load<u32>(index) << 2)));
  }
}

@inline
function addElements(x: usize, index: usize, y: usize, n: usize): void {
  for (const end = index + (n << 2); index < end; index += 4, x += 4) {
    const to = y + (<usize>load<u32>(index) << 2);
    store<f32>(to, load<f32>(to) + load<f32>(x));
  }
}

@inline
function addRow(x: usize, y: usize, n: usize): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}
