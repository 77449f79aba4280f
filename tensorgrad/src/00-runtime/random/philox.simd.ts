// Philox4x32-10 (see philox.ts), eight blocks side by side.

const MULTIPLIER_0 = memory.data<u32>([0xd2511f53]);
const MULTIPLIER_1 = memory.data<u32>([0xcd9e8d57]);
const WEYL_0 = memory.data<u32>([0x9e3779b9]);
const WEYL_1 = memory.data<u32>([0xbb67ae85]);

/** Words that one call draws. */
export const WORDS: usize = 32;

/** Upper words of four products of 64 bits. */
@inline
function high(x: v128, multiplier: usize): v128 {
  const m = v128.load32_splat(multiplier);
  const products01 = i64x2.extmul_low_i32x4_u(x, m);
  return v128.shuffle<i32>(products01, i64x2.extmul_high_i32x4_u(x, m), 1, 3, 5, 7);
}

/** Lower words of four products. */
@inline
function low(x: v128, multiplier: usize): v128 {
  return i32x4.mul(x, v128.load32_splat(multiplier));
}

@inline
function counterWords(counter: u64, upper: bool): v128 {
  const first = i64x2.add(i64x2.splat(counter), i64x2(0, 1));
  const second = i64x2.add(i64x2.splat(counter), i64x2(2, 3));
  return upper ? v128.shuffle<i32>(first, second, 1, 3, 5, 7) : v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}

/**
 * Writes blocks number `counter` to `counter + 7` to `out`. Each round needs the one before, a chain of ten times some
 * eight cycles: two groups of four blocks (c and d, a block per lane) fill each other's gaps.
 */
export function philox8(counter: u64, keyLow: u32, keyHigh: u32, out: usize): void {
  let c0 = counterWords(counter, false);
  let c1 = counterWords(counter, true);
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  let d0 = counterWords(counter + 4, false);
  let d1 = counterWords(counter + 4, true);
  let d2 = i32x4.splat(0);
  let d3 = i32x4.splat(0);
  let key0 = i32x4.splat(keyLow);
  let key1 = i32x4.splat(keyHigh);
  for (let round = 0; round < 10; round++) {
    const c1Next = low(c2, MULTIPLIER_1);
    const c3Next = low(c0, MULTIPLIER_0);
    const c0Next = v128.xor(v128.xor(high(c2, MULTIPLIER_1), c1), key0);
    c2 = v128.xor(v128.xor(high(c0, MULTIPLIER_0), c3), key1);
    c0 = c0Next;
    c1 = c1Next;
    c3 = c3Next;
    const d1Next = low(d2, MULTIPLIER_1);
    const d3Next = low(d0, MULTIPLIER_0);
    const d0Next = v128.xor(v128.xor(high(d2, MULTIPLIER_1), d1), key0);
    d2 = v128.xor(v128.xor(high(d0, MULTIPLIER_0), d3), key1);
    d0 = d0Next;
    d1 = d1Next;
    d3 = d3Next;
    key0 = i32x4.add(key0, v128.load32_splat(WEYL_0));
    key1 = i32x4.add(key1, v128.load32_splat(WEYL_1));
  }
  storeBlocks(c0, c1, c2, c3, out);
  storeBlocks(d0, d1, d2, d3, out + 64);
}

/** Lanes are blocks; in memory each block's four words lie together. */
@inline
function storeBlocks(c0: v128, c1: v128, c2: v128, c3: v128, out: usize): void {
  const low01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
  const low23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
  const high23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(out, v128.shuffle<i64>(low01, low23, 1, 3), 16);
  v128.store(out, v128.shuffle<i64>(high01, high23, 0, 2), 32);
  v128.store(out, v128.shuffle<i64>(high01, high23, 1, 3), 48);
}
