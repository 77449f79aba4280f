/** The middle one of the numbers, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 || sorted.length === 0
    ? (sorted[middle] ?? Number.NaN)
    : (sorted[middle - 1] + sorted[middle]) / 2;
}
