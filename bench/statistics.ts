/** The middle one of the numbers, or the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Rounded to three significant digits: what repeated runs on a quiet machine agree on. */
export const significant = (value: number): number => Number(value.toPrecision(3));
