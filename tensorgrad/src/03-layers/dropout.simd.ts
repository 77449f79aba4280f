import { philox8, WORDS } from "../00-runtime/random/philox.simd";
import { scratch } from "../00-runtime/simd/scratch.simd";

export function dropoutMask(
  y: usize,
  n: usize,
  p: f64,
  keyLow: u32,
  keyHigh: u32,
  counterLow: u32,
  counterHigh: u32,
): void {
  let counter = (<u64>counterHigh << 32) | counterLow;
  const threshold = ceil(p * 4294967296); // a word w is below p·2³² just if it is below the next integer
  if (threshold >= 4294967296) {
    memory.fill(y, 0, n << 2);
    return;
  }
  const limit = i32x4.splat(<i32>(<u32>threshold));
  const scale = f32x4.splat(<f32>(1 / (1 - p)));
  for (; n >= WORDS; n -= WORDS, y += WORDS * 4, counter += WORDS / 4) {
    mask(counter, keyLow, keyHigh, y, limit, scale);
  }
  if (n > 0) {
    mask(counter, keyLow, keyHigh, scratch, limit, scale);
    memory.copy(y, scratch, n << 2);
  }
}

/** The mask of as many elements as there are words in one draw. */
@inline
function mask(counter: u64, keyLow: u32, keyHigh: u32, y: usize, limit: v128, scale: v128): void {
  philox8(counter, keyLow, keyHigh, y);
  for (let i: usize = 0; i < WORDS * 4; i += 16) {
    const kept = i32x4.ge_u(v128.load(y + i), limit);
    v128.store(y + i, v128.and(kept, scale));
  }
}
