/** The position of the greatest; −1 where there is none, or one is NaN. */
export function greatestOf(row: ArrayLike<number>): number {
  let best = row.length ? 0 : -1;
  for (let i = 0; i < row.length; i++) {
    if (Number.isNaN(row[i])) return -1;
    if (row[i] > row[best]) best = i;
  }
  return best;
}
