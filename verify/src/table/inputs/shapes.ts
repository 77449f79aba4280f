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

/** A size of one dim: mostly 2 and more, often 1, seldom 0. Shrinks to the smallest size that still fails. */
export function dims({ minSize = 0, maxSize = 5 }: ShapeLimits = {}): fc.Arbitrary<number> {
  const usual = Array.from({ length: maxSize }, (_, i) => i + 1).filter((size) => size >= minSize);
  // Ascending, so that indices shrink to small sizes; 0, one in thirty, comes last, so that nothing shrinks to it.
  const chances = usual.flatMap((size) =>
    new Array<number>(size === 1 ? 4 : Math.ceil(26 / usual.length)).fill(size),
  );
  const all = minSize === 0 ? [...chances, 0] : chances;
  return fc.noBias(fc.integer({ min: 0, max: all.length - 1 })).map((i) => all[i]);
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
 * Shapes that broadcast together. The *result* is drawn first. Then for every dim some operands, never all, are set to
 * 1, and leading dims are dropped. So often both sides stretch, which independent draws hardly ever do.
 */
export function broadcastableShapes(count: number, limits: ShapeLimits = {}): fc.Arbitrary<number[][]> {
  const { minRank = 0, maxRank = MAX_RANK } = limits;
  const wide = shapes({ ...limits, minRank: Math.max(minRank, Math.min(2, maxRank)) });
  const result = fc.oneof({ weight: 6, arbitrary: wide }, { weight: 1, arbitrary: shapes(limits) });
  // Bit k: operand k is 1 here. constantFrom, because integers are biased towards 0; it shrinks to its first value.
  const ones = fc.constantFrom(...Array.from({ length: 2 ** count - 1 }, (_, mask) => mask));
  const dropped = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 2, 3);
  return fc
    .tuple(result, list(ones, maxRank), list(dropped, count))
    .map(([shape, masks, drops]) =>
      drops.map((drop, k) =>
        shape
          .map((size, dim) => ((masks[dim] >> k) & 1 ? 1 : size))
          .slice(Math.min(drop, Math.max(0, shape.length - minRank))),
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

/** The shape that all of these stretch to. */
export function broadcast(all: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...all.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = all.map((shape) => shape[shape.length - rank + i] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
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

function list<T>(element: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> {
  return fc.array(element, { minLength: length, maxLength: length, size: "max" });
}
