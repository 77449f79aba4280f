import fc from "fast-check";

/** Arbitraries of shapes: plain lists of numbers. */

export interface ShapeLimits {
  readonly minRank?: number;
  readonly maxRank?: number;
  /** Smallest size of a dim: 0 lets empty tensors in. */
  readonly minSize?: number;
  readonly maxSize?: number;
  /** Larger shapes are cut down, dim by dim. */
  readonly maxElements?: number;
}

const MAX_RANK = 4;
const MAX_ELEMENTS = 60;

/** A size of one dim: mostly 2 and more, often 1, seldom 0. */
export function dims({ minSize = 0, maxSize = 5 }: ShapeLimits = {}): fc.Arbitrary<number> {
  const usual = fc.integer({
    min: Math.min(Math.max(2, minSize), maxSize),
    max: maxSize,
  });
  const rare = [0, 1].filter((size) => size >= minSize && size <= maxSize);
  return fc.oneof(
    ...rare.map((size) => ({
      weight: size === 0 ? 1 : 5,
      arbitrary: fc.constant(size),
    })),
    { weight: 24, arbitrary: usual },
  );
}

/** Shapes of rank 0 to 4 with dims of size 0, 1 and more. */
export function shapes(limits: ShapeLimits = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = MAX_RANK, maxElements = MAX_ELEMENTS } = limits;
  return fc
    .array(dims(limits), {
      minLength: minRank,
      maxLength: maxRank,
      size: "max",
    })
    .map((shape) => cut(shape, maxElements));
}

/**
 * Shapes that broadcast together. The *result* is drawn first; then every operand drops leading dims and sets others to
 * 1, so that often both sides stretch, which independent draws nearly never do.
 */
export function broadcastableShapes(count: number, limits: ShapeLimits = {}): fc.Arbitrary<number[][]> {
  const { maxRank = MAX_RANK } = limits;
  const often = fc.integer({ min: 0, max: 9 }).map((n) => n >= 6);
  const dropped = fc.integer({ min: 0, max: 9 }).map((n) => (n < 7 ? 0 : n - 6));
  const change = fc.tuple(dropped, fc.array(often, { minLength: maxRank, maxLength: maxRank }));
  return fc
    .tuple(shapes(limits), fc.array(change, { minLength: count, maxLength: count }))
    .map(([result, changes]) =>
      changes.map(([drop, ones]) =>
        result.map((size, i) => (ones[i] ? 1 : size)).slice(Math.min(drop, result.length)),
      ),
    );
}

/** A dim of a shape of this rank, counted from the front or (negative) from the back. */
export function dimOf(rank: number): fc.Arbitrary<number> {
  return rank === 0 ? fc.constantFrom(0, -1) : fc.integer({ min: -rank, max: rank - 1 });
}

/** Some dims of a shape of this rank, each at most once; the empty list where `none` allows it. */
export function someDims(rank: number): fc.Arbitrary<number[]> {
  return fc.subarray(
    Array.from({ length: rank }, (_, i) => i),
    { minLength: Math.min(1, rank) },
  );
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Lowers the largest dim until the shape has at most `limit` elements. */
function cut(shape: number[], limit: number): number[] {
  const smaller = [...shape];
  while (sizeOf(smaller) > limit) {
    const largest = smaller.indexOf(Math.max(...smaller));
    smaller[largest]--;
  }
  return smaller;
}
