/**
 * The running mean of the last `window` values, at most `limit` evenly spaced points of it.
 *
 * Shapes    points [n] → [min(n, limit)]; the last point is always kept
 */
export function runningMean(
  values: readonly number[],
  window: number,
  limit = 400,
): [x: number, y: number][] {
  let sum = 0;
  const means = values.map((value, index): [number, number] => {
    sum += value - (index >= window ? values[index - window]! : 0);
    return [index + 1, sum / Math.min(index + 1, window)];
  });
  return thinned(means, limit);
}

/** At most `limit` evenly spaced items, the last among them: a drawing has only so many pixels. */
export function thinned<T>(items: readonly T[], limit = 400): T[] {
  if (items.length <= limit) return [...items];
  return Array.from({ length: limit }, (_, i) => items[Math.round((i * (items.length - 1)) / (limit - 1))]!);
}
