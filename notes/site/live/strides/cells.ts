import type { Matrix } from "../lib/grid.ts";
import type { Seen } from "./work.ts";

/** Which cell belongs to which: pure arithmetic on places, counted row by row. */

/** The place of each dim of the element with this number. */
export function indexOf(place: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = place % shape[d];
    place = Math.floor(place / shape[d]);
  }
  return index;
}

/** Where in memory an element stands. */
export const addressOf = ({ shape, strides, offset }: Seen, place: number): number =>
  indexOf(place, shape).reduce((sum, i, d) => sum + i * strides[d], offset);

/** `1 + 2·4 + 0·1 = 9` */
export function addressInWords(seen: Seen, place: number): string {
  const parts = indexOf(place, seen.shape).map((i, d) => `${i}·${seen.strides[d]}`);
  return `${[seen.offset, ...parts].join(" + ")} = ${addressOf(seen, place)}`;
}

/** The place in an operand that a place of the broadcast result reads: stretched dims stay at 0. */
export function readPlace(place: number, result: readonly number[], operand: readonly number[]): number {
  const index = indexOf(place, result).slice(result.length - operand.length);
  return operand.reduce((at, size, d) => at * size + (size === 1 ? 0 : index[d]), 0);
}

/** All places of the result that read this place of an operand: their gradients are added up. */
export function readers(place: number, operand: readonly number[], result: readonly number[]): number[] {
  const size = result.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => i).filter((i) => readPlace(i, result, operand) === place);
}

/** Whether two shapes of at most two dims broadcast; what is wrong otherwise. */
export function broadcastFault(a: readonly number[], b: readonly number[]): string | null {
  for (let d = 1; d <= Math.max(a.length, b.length); d++) {
    const [x, y] = [a.at(-d) ?? 1, b.at(-d) ?? 1];
    if (x !== y && x !== 1 && y !== 1)
      return `[${a}] and [${b}] do not broadcast: dim −${d} is ${x} on the left and ${y} on the right. Sizes must be equal, or one of them 1.`;
  }
  return null;
}

/** `2, 3` as a shape; null unless it has one or two sizes from 1 to 6. */
export function readShape(text: string): number[] | null {
  const sizes = text
    .split(/[,×x ]+/)
    .filter(Boolean)
    .map(Number);
  return sizes.length >= 1 && sizes.length <= 2 && sizes.every((n) => Number.isInteger(n) && n >= 1 && n <= 6)
    ? sizes
    : null;
}

/** The terms of one number of a product's gradient: da = g·bᵀ, db = aᵀ·g. */
export function productTerms(
  which: "da" | "db",
  place: number,
  a: Matrix,
  b: Matrix,
  g: Matrix,
): { left: number; right: number }[] {
  const [rows, inner] = a.shape;
  const columns = b.shape[1];
  if (which === "da") {
    const [i, k] = indexOf(place, a.shape);
    return Array.from({ length: columns }, (_, j) => ({ left: i * columns + j, right: k * columns + j })); // g[i, j] · b[k, j]
  }
  const [k, j] = indexOf(place, b.shape);
  return Array.from({ length: rows }, (_, i) => ({ left: i * inner + k, right: i * g.shape[1] + j })); // a[i, k] · g[i, j]
}
