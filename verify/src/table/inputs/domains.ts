import fc from "fast-check";
import type { DType } from "tensorgrad";

/**
 * Where an input's numbers come from. Floats are multiples of 2^-10: exact in float32, short in a counterexample, and
 * far from the denormals that a uniform draw over bit patterns consists of.
 */
export interface Domain {
  readonly name: string;
  readonly dtype: DType;
  /** `count` numbers, in row-major order. */
  readonly values: (count: number) => fc.Arbitrary<number[]>;
}

const GRID = 1024;

/** Floats from `low` to `high`. */
export function between(low: number, high: number, name = `between(${low}, ${high})`): Domain {
  const onGrid = fc.integer({ min: Math.ceil(low * GRID), max: Math.floor(high * GRID) });
  return floats(
    name,
    ordinary(onGrid, (n) => n >= low * GRID && n <= high * GRID),
  );
}

/** Small numbers that one can calculate with; shrinking ends with them, where 0 and 1/1024 would make every term vanish. */
const ORDINARY = [1, -1, 2, -2, 0.5, -0.5, 0.75].map((n) => n * GRID);

function ordinary(onGrid: fc.Arbitrary<number>, allowed: (n: number) => boolean): fc.Arbitrary<number> {
  const simple = ORDINARY.filter(allowed);
  if (simple.length === 0) return onGrid;
  const rarely = { weight: 1, arbitrary: fc.constantFrom(...simple) };
  return fc.oneof({ withCrossShrink: true }, rarely, { weight: 999, arbitrary: onGrid });
}

/** Any moderate number: the domain of functions defined everywhere. */
export const anywhere = between(-3, 3, "anywhere");

/** Numbers a logarithm, a root or a divisor can live with. */
export const positive = between(1 / 8, 4, "positive");

/** Strictly between 0 and 1: probabilities. */
export const unit = between(1 / 16, 15 / 16, "unit");

/** Halfway between the numbers of other domains: never equal to one of them, so that comparisons have no ties. */
export const offGrid: Domain = floats(
  "offGrid",
  fc.integer({ min: -3 * GRID, max: 3 * GRID }).map((n) => n + 0.5),
);

/** Numbers that floor, ceil and round do not jump at: k + [5/8, 7/8]. */
export const offSteps: Domain = floats(
  "offSteps",
  fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 640, max: 896 })).map(([k, n]) => k * GRID + n),
);

/** At least `gap` away from a point that the operation does not like (a pole, a kink). */
export function awayFrom(point: number, gap = 1 / 8): Domain {
  const offset = fc.integer({ min: Math.ceil(gap * GRID), max: 3 * GRID });
  const number = fc
    .tuple(offset, fc.boolean())
    .map(([n, below]) => (below ? point * GRID - n : point * GRID + n));
  return floats(
    `awayFrom(${point})`,
    ordinary(number, (n) => Math.abs(n - point * GRID) >= gap * GRID),
  );
}

/** No two within 1/16 of each other: what picks the largest or sorts has no ties to break. */
export const distinct: Domain = {
  name: "distinct",
  dtype: "float64",
  values: (count) =>
    fc
      .tuple(permutation(count), list(fc.integer({ min: 0, max: 60 }), count))
      .map(([order, jitter]) => order.map((place, i) => (128 * (place - (count >> 1)) + jitter[i]) / GRID)),
};

/** Integers from 0 to n − 1, for class labels and indices. */
export function indicesBelow(n: number): Domain {
  const index = fc.integer({ min: 0, max: Math.max(0, n - 1) });
  return {
    name: `indicesBelow(${n})`,
    dtype: "int32",
    values: (count) => list(index, count),
  };
}

/** True and false. */
export const bits: Domain = {
  name: "bits",
  dtype: "bool",
  values: (count) => list(fc.boolean().map(Number), count),
};

/** The integers 0 … count − 1 in any order. */
function permutation(count: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length: count }, (_, i) => i);
  return fc.shuffledSubarray(all, { minLength: count, maxLength: count });
}

function floats(name: string, onGrid: fc.Arbitrary<number>): Domain {
  return {
    name,
    dtype: "float64",
    values: (count) => list(onGrid, count).map((all) => all.map((n) => n / GRID)),
  };
}

function list<T>(element: fc.Arbitrary<T>, count: number): fc.Arbitrary<T[]> {
  return fc.array(element, { minLength: count, maxLength: count, size: "max" });
}
