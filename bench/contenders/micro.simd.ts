// The innermost loop of a matrix product, alone: 2 rows of A times a panel of 16 columns of B, all of it in L1.
// The rate it runs at is the ceiling of every product built on it.

/** Length of the summed dim: A takes 2 KiB, the panel 16 KiB. */
export const DEPTH: usize = 256;

const A = memory.data(2 * 256 * 4, 64);
const PANEL = memory.data(256 * 16 * 4, 64);
const C = memory.data(2 * 16 * 4, 64);

export function fill(): void {
  for (let i: usize = 0; i < 2 * DEPTH; i++) store<f32>(A + (i << 2), <f32>(i % 7) * 0.25);
  for (let i: usize = 0; i < 16 * DEPTH; i++) store<f32>(PANEL + (i << 2), <f32>(i % 5) * 0.5);
}

/** An element of the product, against which the tile is checked. */
export function element(i: usize): f32 {
  return load<f32>(C + (i << 2));
}

/** Computes the tile `count` times: 4 · 16 · DEPTH flops each. */
export function run(count: u32): void {
  for (let i: u32 = 0; i < count; i++) tile();
}

function tile(): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c02 = f32x4.splat(0);
  let c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c12 = f32x4.splat(0);
  let c13 = f32x4.splat(0);
  let a = A;
  let panel = PANEL;
  for (const end = A + (DEPTH << 2); a < end; a += 4, panel += 64) {
    const a0 = v128.load32_splat(a);
    const a1 = v128.load32_splat(a, 1024);
    let b = v128.load(panel);
    c00 = f32x4.add(c00, f32x4.mul(a0, b));
    c10 = f32x4.add(c10, f32x4.mul(a1, b));
    b = v128.load(panel, 16);
    c01 = f32x4.add(c01, f32x4.mul(a0, b));
    c11 = f32x4.add(c11, f32x4.mul(a1, b));
    b = v128.load(panel, 32);
    c02 = f32x4.add(c02, f32x4.mul(a0, b));
    c12 = f32x4.add(c12, f32x4.mul(a1, b));
    b = v128.load(panel, 48);
    c03 = f32x4.add(c03, f32x4.mul(a0, b));
    c13 = f32x4.add(c13, f32x4.mul(a1, b));
  }
  v128.store(C, c00);
  v128.store(C, c01, 16);
  v128.store(C, c02, 32);
  v128.store(C, c03, 48);
  v128.store(C, c10, 64);
  v128.store(C, c11, 80);
  v128.store(C, c12, 96);
  v128.store(C, c13, 112);
}
