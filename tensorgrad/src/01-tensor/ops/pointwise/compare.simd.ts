import { gatherLanes, loadLanes, storeLanes } from "../../../00-runtime/simd/lanes.simd";

// Comparisons give masks of 32 bits per element, which are packed to bytes of 0 or 1: sixteen at a time.

@unmanaged @final class Eq { @inline of(a: v128, b: v128): v128 { return f32x4.eq(a, b); } }
@unmanaged @final class Ne { @inline of(a: v128, b: v128): v128 { return f32x4.ne(a, b); } }
@unmanaged @final class Lt { @inline of(a: v128, b: v128): v128 { return f32x4.lt(a, b); } }
@unmanaged @final class Le { @inline of(a: v128, b: v128): v128 { return f32x4.le(a, b); } }

@inline
function read(x: usize, col: usize, n: usize): v128 {
  if (col == 1) return loadLanes(x, n);
  return col == 0 ? v128.load32_splat(x) : gatherLanes(x, col << 2, n);
}

@inline
function compare<T>(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  const single = aRow == aCol * cols && bRow == bCol * cols;
  const length = single ? rows * cols : cols;
  const count = single ? min<usize>(rows, 1) : rows;
  for (let r: usize = 0; r < count; r++) {
    compareRow<T>(a, b, y, length, aCol, bCol);
    a += aRow << 2;
    b += bRow << 2;
    y += length;
  }
}

function compareRow<T>(a: usize, b: usize, y: usize, n: usize, aCol: usize, bCol: usize): void {
  const f = changetype<T>(0);
  const aStep = aCol << 4; // bytes from one vector to the next
  const bStep = bCol << 4;
  for (; n >= 16; n -= 16, y += 16) {
    const m0 = f.of(read(a, aCol, 4), read(b, bCol, 4));
    const m1 = f.of(read(a + aStep, aCol, 4), read(b + bStep, bCol, 4));
    const m2 = f.of(read(a + 2 * aStep, aCol, 4), read(b + 2 * bStep, bCol, 4));
    const m3 = f.of(read(a + 3 * aStep, aCol, 4), read(b + 3 * bStep, bCol, 4));
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
    v128.store(y, v128.and(bytes, i8x16.splat(1)));
    a += aStep << 2;
    b += bStep << 2;
  }
  for (; n > 0; n--, y++, a += aCol << 2, b += bCol << 2) {
    const holds = f.of(v128.load32_splat(a), v128.load32_splat(b));
    store<u8>(y, <u8>(i32x4.extract_lane(holds, 0) & 1));
  }
}

export function eq(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  compare<Eq>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function ne(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  compare<Ne>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function lt(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  compare<Lt>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function le(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  compare<Le>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function gt(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  compare<Lt>(b, a, y, rows, cols, bRow, bCol, aRow, aCol); // a > b is b < a
}

export function ge(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  compare<Le>(b, a, y, rows, cols, bRow, bCol, aRow, aCol);
}

/** Four bytes of a condition as masks of 32 bits. */
@inline
function readCondition(condition: usize, cCol: usize, n: usize): v128 {
  let lanes: v128;
  if (cCol == 1 && n >= 4) lanes = i16x8.extend_low_i8x16_u(v128.load32_zero(condition));
  else {
    lanes = i16x8.splat(<i16>load<u8>(condition));
    if (n > 1) lanes = i16x8.replace_lane(lanes, 1, <i16>load<u8>(condition + cCol));
    if (n > 2) lanes = i16x8.replace_lane(lanes, 2, <i16>load<u8>(condition + 2 * cCol));
    if (n > 3) lanes = i16x8.replace_lane(lanes, 3, <i16>load<u8>(condition + 3 * cCol));
  }
  return i32x4.ne(i32x4.extend_low_i16x8_u(lanes), i32x4.splat(0));
}

export function where(
  a: usize, b: usize, condition: usize, y: usize, rows: usize, cols: usize,
  aRow: usize, aCol: usize, bRow: usize, bCol: usize, cRow: usize, cCol: usize,
): void {
  for (let r: usize = 0; r < rows; r++) {
    selectRow(a, b, condition, y, cols, aCol, bCol, cCol);
    a += aRow << 2;
    b += bRow << 2;
    condition += cRow;
    y += cols << 2;
  }
}

function selectRow(
  a: usize, b: usize, condition: usize, y: usize, n: usize, aCol: usize, bCol: usize, cCol: usize,
): void {
  if (cCol == 1 && aCol <= 1 && bCol <= 1) {
    const done = selectAdjacent(a, b, condition, y, n, aCol, bCol);
    a += (done * aCol) << 2;
    b += (done * bCol) << 2;
    condition += done;
    y += done << 2;
    n -= done;
  }
  for (; n >= 4; n -= 4, y += 16) {
    v128.store(y, v128.bitselect(read(a, aCol, 4), read(b, bCol, 4), readCondition(condition, cCol, 4)));
    a += aCol << 4;
    b += bCol << 4;
    condition += cCol << 2;
  }
  if (n == 0) return;
  const mask = readCondition(condition, cCol, n);
  storeLanes(y, v128.bitselect(read(a, aCol, n), read(b, bCol, n), mask), n);
}

/**
 * The usual case, sixteen elements at a time: bytes of the condition become masks by copying their sign upwards. What
 * each operand's stride is gets asked once per sixteen elements, not once per four. Returns how many are done.
 */
function selectAdjacent(
  a: usize, b: usize, condition: usize, y: usize, n: usize, aCol: usize, bCol: usize,
): usize {
  const whole = n & ~15;
  for (let left = whole; left > 0; left -= 16, y += 64, condition += 16) {
    const bytes = i8x16.ne(v128.load(condition), i8x16.splat(0));
    const first = i16x8.extend_low_i8x16_s(bytes);
    const second = i16x8.extend_high_i8x16_s(bytes);
    v128.store(y, v128.bitselect(adjacent(a, aCol, 0), adjacent(b, bCol, 0), i32x4.extend_low_i16x8_s(first)));
    v128.store(y, v128.bitselect(adjacent(a, aCol, 16), adjacent(b, bCol, 16), i32x4.extend_high_i16x8_s(first)), 16);
    v128.store(y, v128.bitselect(adjacent(a, aCol, 32), adjacent(b, bCol, 32), i32x4.extend_low_i16x8_s(second)), 32);
    v128.store(y, v128.bitselect(adjacent(a, aCol, 48), adjacent(b, bCol, 48), i32x4.extend_high_i16x8_s(second)), 48);
    a += aCol << 6;
    b += bCol << 6;
  }
  return whole;
}

/** Four neighbours, or one number four times. */
@inline
function adjacent(x: usize, col: usize, offset: usize): v128 {
  return col == 0 ? v128.load32_splat(x) : v128.load(x + offset);
}
