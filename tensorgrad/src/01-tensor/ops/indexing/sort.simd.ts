import { scratch } from "../../../00-runtime/simd/scratch.simd";

// An element and its place become one number of 64 bits: the key above, the place below. Numbers in ascending
// order are then elements in the wanted order, equal ones as they were, and comparing is one instruction.
// `places` has room for two such numbers per element. Sorting by counting digits takes about 15 ns an element
// at any size; the merge sort of the reference takes 150 in lines of a thousand, 380 in one of a million.

/**
 * The bits of a float as an integer in the same order. −0 equals 0, and every NaN is the largest; `flip` (all
 * ones) turns the order round.
 */
@inline
function keyOf(bits: u32, flip: u32): u64 {
  const magnitude = bits & 0x7fffffff;
  let key = bits >> 31 ? ~bits : bits | 0x80000000;
  if (magnitude == 0) key = 0x80000000;
  if (magnitude > 0x7f800000) key = 0xffffffff;
  return <u64>(key ^ flip) << 32;
}

export function argsort(
  x: usize, places: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize, descending: usize,
): void {
  const flip: u32 = descending ? 0xffffffff : 0;
  for (let o: usize = 0; o < outer; o++) {
    for (let i: usize = 0; i < inner; i++) {
      const line = x + ((o * n * inner + i) << 2);
      for (let j: usize = 0; j < n; j++) {
        store<u64>(places + (j << 3), keyOf(load<u32>(line + ((j * inner) << 2)), flip) | j);
      }
      const sorted = n <= SHORT ? insertionSort(places, n) : radixSort(places, places + (n << 3), n);
      writePlaces(sorted, y + ((o * count * inner + i) << 2), count, inner << 2);
    }
  }
}

@inline
function writePlaces(sorted: usize, y: usize, count: usize, step: usize): void {
  for (let j: usize = 0; j < count; j++, sorted += 8, y += step) store<u32>(y, load<u32>(sorted));
}

/** Up to here insertion is faster than counting: four histograms alone are a thousand words. */
const SHORT: usize = 40;

function insertionSort(a: usize, n: usize): usize {
  for (let end: usize = 8; end < n << 3; end += 8) {
    const value = load<u64>(a + end);
    let at = a + end;
    for (; at > a && load<u64>(at - 8) > value; at -= 8) store<u64>(at, load<u64>(at - 8));
    store<u64>(at, value);
  }
  return a;
}

// Radix sort: four passes, each stable, by one byte of the key, from the lowest to the highest: 256 places to
// write to at once, as many as the cache keeps at hand. All four histograms are counted in one go, in
// scratch: 256 numbers of 32 bits for each.
// Source: Knuth 1998, The Art of Computer Programming 3, 5.2.5, sorting by distribution
const DIGITS: usize = 4;
const BINS: usize = 256;

/** Sorts n numbers by their upper half; they end up in `a` or in `b`: which one is returned. */
function radixSort(a: usize, b: usize, n: usize): usize {
  memory.fill(scratch, 0, (DIGITS * BINS) << 2);
  for (let at = a + 4; at < a + (n << 3); at += 8) {
    const key = load<u32>(at);
    count(scratch, key & 255);
    count(scratch + (BINS << 2), (key >> 8) & 255);
    count(scratch + (BINS << 3), (key >> 16) & 255);
    count(scratch + BINS * 12, key >> 24);
  }
  for (let digit: usize = 0; digit < DIGITS; digit++) {
    const bins = scratch + ((digit * BINS) << 2);
    if (!startsOf(bins, n)) continue;
    for (let at = a; at < a + (n << 3); at += 8) {
      const value = load<u64>(at);
      const bin = bins + ((<usize>load<u8>(at + 4 + digit)) << 2);
      const to = load<u32>(bin);
      store<u32>(bin, to + 1);
      store<u64>(b + ((<usize>to) << 3), value);
    }
    const other = a;
    a = b;
    b = other;
  }
  return a;
}

@inline
function count(bins: usize, digit: u32): void {
  const bin = bins + ((<usize>digit) << 2);
  store<u32>(bin, load<u32>(bin) + 1);
}

/**
 * Counts become the positions where each digit begins. False where all elements have the same digit: then
 * nothing needs to move, as in the upper bytes of small whole numbers.
 */
function startsOf(bins: usize, n: usize): bool {
  let sum: u32 = 0;
  for (let bin = bins; bin < bins + (BINS << 2); bin += 4) {
    const size = load<u32>(bin);
    if (size == <u32>n) return false;
    store<u32>(bin, sum);
    sum += size;
  }
  return true;
}

/**
 * A sorted list of the best so far; most elements are turned away, four at once, by one look at its last
 * place. So a line costs a little more than reading it: k·ln(n/k) elements get into the list when the order
 * is random.
 */
export function topk(
  x: usize, places: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize, descending: usize,
): void {
  if (count == 0) return;
  for (let o: usize = 0; o < outer; o++) {
    for (let i: usize = 0; i < inner; i++) {
      const line = x + ((o * n * inner + i) << 2);
      bestOfLine(line, inner << 2, n, places, count, descending);
      writePlaces(places, y + ((o * count * inner + i) << 2), count, inner << 2);
    }
  }
}

function bestOfLine(x: usize, step: usize, n: usize, best: usize, count: usize, descending: usize): void {
  const flip: u32 = descending ? 0xffffffff : 0;
  const last = best + ((count - 1) << 3);
  for (let j: usize = 0; j < count; j++) store<u64>(best + (j << 3), <u64>-1);
  for (let j: usize = 0; j < n; j++) {
    if (step == 4 && j >= count) {
      const worst = v128.load32_splat(x + ((<usize>load<u32>(last)) << 2));
      while (j + 4 <= n && noneBetter(v128.load(x + (j << 2)), worst, descending)) j += 4;
      if (j == n) return;
    }
    const value = keyOf(load<u32>(x + j * step), flip) | j;
    if (value >= load<u64>(last)) continue;
    let at = last;
    for (; at > best && load<u64>(at - 8) > value; at -= 8) store<u64>(at, load<u64>(at - 8));
    store<u64>(at, value);
  }
}

/** An equal element comes too late. NaN compares as false, so that it is looked at by itself. */
@inline
function noneBetter(v: v128, worst: v128, descending: usize): bool {
  return i32x4.all_true(descending ? f32x4.le(v, worst) : f32x4.ge(v, worst));
}
