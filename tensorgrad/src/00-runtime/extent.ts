/**
 * The least and the greatest of any number of values; NaN if one of them is. `Math.max(...values)` puts all values on the
 * stack, which is full at about 100,000.
 */
export function extentOf(values: Iterable<number>): [least: number, greatest: number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  return [least, greatest];
}
