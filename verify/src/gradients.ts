import fc from "fast-check";
import { full, GradientError, type Tensor } from "tensorgrad";
import type { Case } from "./case.ts";
import type { Example, TensorFunction } from "./evaluate.ts";
import { emptyTally, examine, type Finding, type Order, type Tally } from "./examine.ts";
import { explain } from "./explain.ts";

export interface CheckOptions {
  /** What the messages call the function; its own name by default. */
  readonly name?: string;
  /** What the messages call the inputs; its parameters' positions by default. */
  readonly inputNames?: readonly string[];
  /** Examples drawn. */
  readonly runs?: number;
  readonly seed?: number;
  /** Replays one example: the path that a failure printed. */
  readonly path?: string;
  /** 2 checks the gradient of the gradient as well. */
  readonly order?: Order;
  /** Random directions per example. */
  readonly directions?: number;
  /** False stops at the first failing example, without looking for the smallest. */
  readonly shrink?: boolean;
  /** For linear functions: the identity ⟨f(x), v⟩ = ⟨x, Jᵀv⟩ is checked, too. */
  readonly linear?: "jointly" | "each" | undefined;
  /** False where finite differences cannot be taken (rounding, jumps). */
  readonly differences?: boolean;
}

export interface CheckResult extends Tally {
  readonly examples: number;
  readonly failure: Failure | null;
}

/** A wrong gradient, with all it takes to see it again. */
export interface Failure {
  readonly finding: Finding;
  /** The smallest example that fails. */
  readonly example: Example;
  readonly seed: number;
  readonly path: string;
  /** Seed of the directions in which it was seen. */
  readonly directionSeed: number;
  readonly message: string;
}

/** A check that compares less than this share of its directions proves nothing, and says so. */
const COMPARED = 0.9;

/**
 * Checks a function's gradients, to the second order, on random inputs.
 *
 * Along random directions u and for random weights v of the outputs, ⟨v, J·u⟩ by finite differences with an error bar
 * has to equal ⟨Jᵀv, u⟩ by backward; then the same for the gradient function; then exact laws. See verify/README.md.
 *
 * ```ts
 * checkGradients((x, w) => x.matmul(w).tanh(), [tensors({ shape: [3, 4] }), tensors({ shape: [4, 2] })]);
 * ```
 *
 * Throws    GradientError with the smallest failing example, its seed and its path
 */
export function checkGradients(
  fn: TensorFunction,
  inputs: readonly fc.Arbitrary<Tensor>[],
  options: CheckOptions = {},
): CheckResult {
  const examples = fc.tuple(...inputs).map((drawn): Example => ({ inputs: drawn, run: fn }));
  const result = checkExamples(examples, { name: fn.name || "checkGradients", ...options });
  if (result.failure) throw new GradientError(result.failure.message);
  const compared = 1 - (result.kinks + result.blunt) / Math.max(1, result.directions);
  if (compared < COMPARED) throw new GradientError(tooFew(options.name ?? fn.name, result));
  return result;
}

/** The same for functions drawn together with their inputs; returns the failure instead of throwing it. */
export function checkExamples(examples: fc.Arbitrary<Example>, options: CheckOptions): CheckResult {
  const {
    runs = 100,
    seed = 1,
    path,
    order = 2,
    directions = 4,
    linear,
    differences = true,
    shrink = true,
  } = options;
  const tally = emptyTally();
  let count = 0;
  let broken: string | null = null;
  const judge = (example: Example, directionSeed: number, into: Tally) =>
    examine(example, { order, directions, linear, differences, seed: directionSeed }, into);
  const lawBroken = ([example, directionSeed]: Drawn, into = emptyTally()) =>
    caught(() => judge(example, directionSeed, into))?.law ?? null;
  const drawn = fc.tuple(examples, fc.noShrink(fc.nat(2 ** 30)));
  const property = fc.property(drawn, (draw) => {
    count++;
    const law = lawBroken(draw, tally);
    // While shrinking, only the law that was broken first counts: what is shown is the smallest example of that fault.
    broken ??= law;
    return law === null || law !== broken;
  });
  const settings = { seed, numRuns: runs, endOnFailure: !shrink };
  let details = fc.check(property, path === undefined ? settings : { ...settings, path });
  if (!details.failed) return { ...tally, examples: count, failure: null };
  if (details.counterexample === null)
    throw details.errorInstance ?? new Error(`${options.name}: no example could be drawn`);
  const better =
    shrink && path === undefined
      ? smaller(drawn, seed, details.counterexample[0], (draw) => lawBroken(draw) === broken)
      : null;
  if (better !== null) details = fc.check(property, { ...settings, path: String(better) });
  const [example, directionSeed] = details.counterexample?.[0] ?? UNDRAWN;
  const failing = { seed: details.seed, path: details.counterexamplePath ?? "0", example, directionSeed };
  const finding = caught(() => judge(example, directionSeed, emptyTally())) ?? UNSTEADY;
  const message = shrink ? explain(options, finding, failing) : finding.law;
  return { ...tally, examples: count, failure: { ...failing, finding, message } };
}

/** An example and the seed of the directions in which it is examined. */
type Drawn = [example: Example, directionSeed: number];

const UNDRAWN: Drawn = [{ inputs: [], run: () => full([], Number.NaN) }, 0];

/** A counterexample of more numbers than this is hard to read, and worth a search for a smaller one. */
const READABLE = 8;
/** Draws looked through for an example smaller than the one that shrinking ended with. */
const LOOKED_THROUGH = 2000;

/**
 * The position of the smallest draw that fails in the same way, or null. Shrinking gets stuck where a smaller shape
 * means other options and other numbers, which then happen to pass; chance does better, small examples first.
 */
function smaller(
  drawn: fc.Arbitrary<Drawn>,
  seed: number,
  [found]: Drawn,
  fails: (draw: Drawn) => boolean,
): number | null {
  const numbers = ({ inputs }: Example) => inputs.reduce((sum, x) => sum + x.size, 0);
  if (numbers(found) <= READABLE) return null;
  const candidates = fc
    .sample(drawn, { seed, numRuns: LOOKED_THROUGH })
    .map((draw, position) => ({ draw, position, size: numbers(draw[0]) }))
    .filter(({ size }) => size < numbers(found))
    .sort((a, b) => a.size - b.size);
  return candidates.find(({ draw }) => fails(draw))?.position ?? null;
}

const UNSTEADY: Finding = {
  law: "same bits twice",
  message: "fails only now and then",
  v: new Float64Array(0),
};

/** An engine that throws is a finding, too. */
function caught(judge: () => Finding | null): Finding | null {
  try {
    return judge();
  } catch (error) {
    return { law: "no error", message: String(error), v: new Float64Array(0) };
  }
}

function tooFew(name: string | undefined, { directions, kinks, blunt }: CheckResult): string {
  return (
    `checkGradients(${name || "fn"}): of ${directions} directions ${kinks} met a kink or the edge of the domain and ${blunt} ` +
    "were too noisy to tell one millionth — nine in ten must be comparable; " +
    "draw inputs where the function is smooth: tensors({ domain: positive }), awayFrom(0), distinct"
  );
}

/** Checks one row of the table. */
export function checkCase(
  row: Case,
  options: Pick<CheckOptions, "runs" | "seed" | "path" | "directions" | "order" | "shrink"> = {},
): CheckResult {
  const { name, inputNames, order, linear, noDifferences } = row;
  const differences = noDifferences === undefined;
  return checkExamples(row.examples, { name, inputNames, order, linear, differences, ...options });
}
