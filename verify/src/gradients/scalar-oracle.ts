import fc from "fast-check";
import { scope, type Tensor } from "tensorgrad";
import { measure, text } from "../report/cells.ts";
import { once, type Section } from "../section.ts";
import { largest } from "./closeness.ts";
import { gradientsOf, leaves } from "./evaluate.ts";
import { gridOf, listing, type Program, programs, runOnScalars, runOnTensors } from "./programs.ts";
import type { Draws, Failed } from "./search.ts";

/**
 * The scalar engine as oracle of the tensor engine. The same random program runs element by element in micrograd and at
 * once in tensorgrad. Values and gradients are equal, up to the order in which terms are added.
 */
export interface OracleResult {
  readonly programs: number;
  /** Largest difference found, in units of float64's rounding at the largest number that takes part. */
  readonly worst: number;
  readonly failure: Failed | null;
}

/** Allowed difference, in the same units. */
const ALLOWED = 64;

export function checkAgainstScalars({ runs = 100, seed = 1, shrink = true }: Draws = {}): OracleResult {
  let worst = 0;
  const property = fc.property(programs, ({ program, inputs }) => {
    const distance = apart(program, inputs);
    if (distance <= ALLOWED) worst = Math.max(worst, distance);
    return distance <= ALLOWED;
  });
  const details = fc.check(property, { seed, numRuns: runs, endOnFailure: !shrink });
  if (!details.failed) return { programs: details.numRuns, worst, failure: null };
  if (details.counterexample === null) throw details.errorInstance;
  const [{ program, inputs }] = details.counterexample;
  const path = details.counterexamplePath ?? "0";
  const message =
    `random program ${listing(program, inputs.length)}: tensorgrad and micrograd differ by ${distanceOf(program, inputs)} ` +
    `units of rounding (allowed ${ALLOWED}); replay with seed ${seed}, path "${path}"`;
  return { programs: details.numRuns, worst, failure: { message, seed, path } };
}

/** How far apart both engines are; infinitely if one of them throws. */
function distanceOf(program: Program, inputs: readonly Tensor[]): string {
  try {
    return apart(program, inputs).toPrecision(3);
  } catch (error) {
    return String(error);
  }
}

function apart(program: Program, inputs: readonly Tensor[]): number {
  using _ = scope();
  const x = leaves(inputs);
  const y = runOnTensors(program, x);
  y.backward();
  const grids = inputs.map(gridOf);
  const root = runOnScalars(program, grids);
  root.backward();
  const expected = grids.map(({ values }) => values.map((value) => value.grad));
  return Math.max(
    distance([y.item()], [root.data]),
    ...gradientsOf(x).map((g, k) => distance(g, expected[k])),
  );
}

/** In units of rounding at the largest expected number; infinitely far from NaN. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const gaps = Array.from(a, (n, i) => (Number.isNaN(n - b[i]) ? Number.POSITIVE_INFINITY : n - b[i]));
  return largest(gaps) / (Number.EPSILON * Math.max(1, largest(b)));
}

/**
 * The scalar engine shares no line with the tensor engine: loops over numbers, closures as rules. Units of rounding
 * take the place of a tolerance: ε times the magnitude of what took part.
 */
export const scalarOracle: Section<OracleResult> = {
  part: "gradients",
  title: "Random programs against micrograd",
  about: `The same program in scalars and in tensors: equal values and gradients, in units of float64's rounding (${ALLOWED} allowed).`,
  items: once,
  check: (_, { seed, runs }) => checkAgainstScalars({ seed, runs }),
  columns: {
    programs: (r) => text(r.programs),
    "largest difference": (r) => measure(r.worst, ALLOWED),
  },
  brief: ["programs", "largest difference"],
  wrong: ({ failure }) => failure?.message ?? null,
  counts: [{ key: "programs", label: "random programs", size: (r) => r.programs }],
};
