/** The middle one of the numbers, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 || sorted.length === 0
    ? (sorted[middle] ?? Number.NaN)
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which a share q of the numbers lies, between two of them in proportion; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const [a, b] = [sorted[below] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return a === b ? a : a + (at - below) * (b - a);
}
