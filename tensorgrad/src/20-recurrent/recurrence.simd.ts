/** Copies the rows of sequences that have ended; `lengths` are int32. */
export function holdRows(from: usize, to: usize, lengths: usize, rows: usize, cols: usize, t: i32): void {
  const bytes = cols << 2;
  for (let r: usize = 0; r < rows; r++) {
    if (t >= load<i32>(lengths + (r << 2))) memory.copy(to + r * bytes, from + r * bytes, bytes);
  }
}
