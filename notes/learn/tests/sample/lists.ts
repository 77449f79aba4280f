/** A library in small, for tests of the exercises: fast to bundle, and nobody's real code. */

// exercise: list-total
/** Σ x */
export function total(xs: readonly number[]): number {
  let sum = 0;
  for (const x of xs) sum += x;
  return sum;
}

// exercise: list-mean
/** Σ x / n, of what `total` gives. */
export function mean(xs: readonly number[]): number {
  if (xs.length === 0) return 0;
  const sum = total(xs);
  return sum / xs.length;
}

export const unit = (): string => scale;

// exercise: list-scale
let scale = "k";
if (total([1, 1]) === 2) {
  scale = "m";
}
// stub: const scale = "";
