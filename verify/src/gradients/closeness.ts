/**
 * Rounding of a chain of operations, in units of the largest number that takes part. Gradients can be small differences
 * of terms as large as what comes in (tanh′ = 1 − y²), and that is about 1.
 */
export const ROUNDING = 256 * Number.EPSILON;

/** The same numbers to the last bit; NaN equals NaN. */
export function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++)
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false;
  return a.length === b.length;
}

/** Equal up to the rounding of a few operations on numbers as large as `scale`. */
export function close(a: ArrayLike<number>, b: ArrayLike<number>, scale: number): boolean {
  for (let i = 0; i < a.length; i++) if (!(Math.abs(a[i] - b[i]) <= ROUNDING * (1 + scale))) return false;
  return a.length === b.length;
}

/** The largest magnitude. */
export function largest(list: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i]));
  return most;
}

/** One list of numbers per input. */
type Lists = readonly Float64Array[];

/** What to say of a list by its place. */
type Say = (k: number) => string;

/** What to say of the first list for which it does not hold; null if it does for all. */
export function broken(lists: Lists, holds: (list: Float64Array, k: number) => boolean, say: Say) {
  const wrong = lists.findIndex((list, k) => !holds(list, k));
  return wrong < 0 ? null : say(wrong);
}

/** Lists have to be what is due, to the last bit. */
export const unequal = (given: Lists, due: Lists, say: Say): string | null =>
  broken(given, (list, k) => equal(list, due[k]), say);

/** Lists have to be what is due, up to rounding of numbers as large as those they were made of. */
export function apart(given: Lists, due: Lists, say: Say, ...made: readonly Lists[]): string | null {
  const scale = (k: number) =>
    (made.length ? made : [due]).reduce((sum, lists) => sum + largest(lists[k]), 0);
  return broken(given, (list, k) => close(list, due[k], scale(k)), say);
}

export const doubled = (lists: Lists): Float64Array[] => lists.map((list) => list.map((n) => 2 * n));

export const added = (a: Lists, b: Lists): Float64Array[] =>
  a.map((list, k) => list.map((n, i) => n + b[k][i]));

/** Where in a shape the element at this place of its row-major list is. */
export function unravel(position: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    index[dim] = position % shape[dim];
    position = Math.floor(position / shape[dim]);
  }
  return index;
}
