import type { Shape } from "./shape.ts";
import { sizeOf } from "./shape.ts";

/**
 * A contiguous tensor seen along one dim: `outer` blocks, each with `n` steps of `inner` adjacent elements. Element
 * (o, j, i) lies at (o·n + j)·inner + i. A scalar is one line of one element.
 */
export const linesOf = (shape: Shape, dim: number): readonly [outer: number, n: number, inner: number] => [
  sizeOf(shape.slice(0, dim)),
  shape[dim] ?? 1,
  sizeOf(shape.slice(dim + 1)),
];
