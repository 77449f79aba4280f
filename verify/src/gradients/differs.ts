import type { Tensor } from "tensorgrad";

export const CLOSE = 1e-12;

/** How a tensor differs from the numbers that its definition gives, in words; null if it does not. */
export function differs(
  what: string,
  given: Tensor,
  expected: ArrayLike<number>,
  allowed = CLOSE,
): string | null {
  const { data } = given;
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(data[i] - expected[i]) <= allowed * Math.max(1, Math.abs(expected[i]))))
      return `${what} is ${data[i]} at element ${i}, by its definition ${expected[i]}`;
  }
  return data.length === expected.length
    ? null
    : `${what} has ${data.length} elements, not ${expected.length}`;
}
