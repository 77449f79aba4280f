// Philox4x32-10 (see philox.ts), four blocks side by side.

const MULTIPLIER_0 = memory.data<u32>([0xd2511f53]);
const MULTIPLIER_1 = memory.data<u32>([0xcd9e8d57]);
const WEYL_0 = memory.data<u32>([0x9e3779b9]);
const WEYL_1 = memory.data<u32>([0xbb67ae85]);

/** Writes blocks number `counter` to `counter + 3` as sixteen words to `out`. */
export function philox4(counter: u64, keyLow: u32, keyHigh: u32, out: usize): void {
  const low01 = i64x2.add(i64x2.splat(counter), i64x2(0, 1));
  const low23 = i64x2.add(i64x2.splat(counter), i64x2(2, 3));
  let c0 = v128.shuffle<i32>(low01, low23, 0, 2, 4, 6);
  let c1 = v128.shuffle<i32>(low01, low23, 1, 3, 5, 7);
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  let key0 = i32x4.splat(keyLow);
  let key1 = i32x4.splat(keyHigh);
  for (let round = 0; round < 10; round++) {
    const m0 = v128.load32_splat(MULTIPLIER_0);
    const m1 = v128.load32_splat(MULTIPLIER_1);
    const product0Low = i64x2.extmul_low_i32x4_u(c0, m0);
    const product0High = i64x2.extmul_high_i32x4_u(c0, m0);
    const product1Low = i64x2.extmul_low_i32x4_u(c2, m1);
    const product1High = i64x2.extmul_high_i32x4_u(c2, m1);
    const upper0 = v128.shuffle<i32>(product0Low, product0High, 1, 3, 5, 7);
    const upper1 = v128.shuffle<i32>(product1Low, product1High, 1, 3, 5, 7);
    c0 = v128.xor(v128.xor(upper1, c1), key0);
    c2 = v128.xor(v128.xor(upper0, c3), key1);
    c1 = v128.shuffle<i32>(product1Low, product1High, 0, 2, 4, 6);
    c3 = v128.shuffle<i32>(product0Low, product0High, 0, 2, 4, 6);
    key0 = i32x4.add(key0, v128.load32_splat(WEYL_0));
    key1 = i32x4.add(key1, v128.load32_splat(WEYL_1));
  }
  // Lanes are blocks; in memory each block's four words lie together.
  const low01s = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
  const low23s = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const high01s = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
  const high23s = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(low01s, low23s, 0, 2));
  v128.store(out, v128.shuffle<i64>(low01s, low23s, 1, 3), 16);
  v128.store(out, v128.shuffle<i64>(high01s, high23s, 0, 2), 32);
  v128.store(out, v128.shuffle<i64>(high01s, high23s, 1, 3), 48);
}
