import fc from "fast-check";
import { GradientError, type Tensor } from "tensorgrad";
import { checked } from "tensorgrad/runtime";
import { measure, text } from "../report/cells.ts";
import type { Section, Settings } from "../section.ts";
import type { Case } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { kinkOf } from "./diagnose.ts";
import type { Example, TensorFunction } from "./evaluate.ts";
import { type Examination, emptyTally, examine, type Finding, type Order, type Tally } from "./examine.ts";
import { explain } from "./explain.ts";
import { isPlain, type PlainFunction, tensorFunction } from "./plain.ts";
import { DRAWS, type Draws, type Failed, search } from "./search.ts";

export interface CheckOptions extends Draws, Partial<Omit<Examination, "seed">> {
  /** What the messages call the function; its own name by default. */
  readonly name?: string;
  /** What the messages call the inputs; its parameters' positions by default. */
  readonly inputNames?: readonly string[];
  /** Replays one example: the path that a failure printed. */
  readonly path?: string;
}

export interface CheckResult extends Tally {
  readonly examples: number;
  readonly failure: Failure | null;
}

/** A wrong gradient, with all it takes to see it again. */
export interface Failure extends Failed {
  readonly finding: Finding;
  /** The smallest example that fails. */
  readonly example: Example;
  /** Seed of the directions in which it was seen. */
  readonly directionSeed: number;
}

/** A check that compares less than this share of its directions proves nothing, and says so. */
const COMPARED = 0.9;

/**
 * Checks a function's gradients, to the second order, on random inputs.
 *
 * Takes random directions u and random weights v of the outputs. ⟨v, J·u⟩ by finite differences, within an error bar,
 * has to equal ⟨Jᵀv, u⟩ by backward. Then the same for the gradient function; then exact laws. See verify/README.md.
 *
 * ```ts
 * checkGradients((x, w) => x.matmul(w).tanh(), [tensors({ shape: [3, 4] }), tensors({ shape: [4, 2] })]);
 * ```
 *
 * Functions of any other library are checked as { value, gradient }, of a list of numbers, to the first order:
 *
 * ```ts
 * checkGradients({ value: (x) => x[0] ** 2, gradient: (x) => [2 * x[0]] }, [tensors({ shape: [1] })]);
 * ```
 *
 * Throws    GradientError with the smallest failing example, its seed, its path, and what is probably wrong
 */
export function checkGradients(
  fn: TensorFunction | PlainFunction,
  inputs: readonly fc.Arbitrary<Tensor>[],
  options: CheckOptions = {},
): CheckResult {
  requireCall(fn, inputs, checked("checkGradients", options, OPTIONS));
  const plain = isPlain(fn);
  const run = plain ? tensorFunction(fn) : fn;
  const name = (plain ? fn.value.name : fn.name) || "checkGradients";
  const examples = fc.tuple(...inputs).map((drawn): Example => ({ inputs: drawn, run }));
  const kinked: Example[] = [];
  const settings = { name, ...(plain ? { order: 1 as const } : {}), ...options };
  const result = checkExamples(examples, settings, (example) => kinked.push(example));
  if (result.failure) throw new GradientError(result.failure.message);
  if (compared(result) < COMPARED) throw new GradientError(tooFew(settings, result, kinked));
  return result;
}

/** The share of its directions that a check compared. */
const compared = ({ directions, kinks, blunt }: Tally): number =>
  1 - (kinks + blunt) / Math.max(1, directions);

/** Refuses calls that would compare nothing, and so would pass for any gradient. */
function requireCall(fn: unknown, inputs: readonly unknown[], options: CheckOptions): void {
  const complain = (what: string) => new TypeError(`checkGradients: ${what}`);
  if (typeof fn !== "function" && !isPlain(fn))
    throw complain(`${fn} in place of a function of tensors, or of { value, gradient }`);
  if (isPlain(fn) && inputs.length !== 1)
    throw complain(`${inputs.length} inputs for { value, gradient } — it takes one, whose elements are x`);
  if (inputs.length === 0 || !inputs.every((one) => one instanceof fc.Arbitrary)) {
    throw complain(
      "inputs are a list of arbitraries, one for each argument: [tensors({ shape: [3, 4] }), tensors()]",
    );
  }
  for (const [name, least, most] of LIMITS) {
    const value = options[name];
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue;
    throw complain(`${name} = ${value} — an integer from ${least} to ${most}`);
  }
}

const OPTIONS = [
  ...DRAWS,
  ...(["name", "inputNames", "path", "order", "linear", "differences", "directions"] as const),
] as const;

const LIMITS = [
  ["runs", 1, 1e9],
  ["directions", 1, 1e9],
  ["order", 0, 2],
  ["seed", -(2 ** 31), 2 ** 32],
] as const;

/** The same for functions drawn together with their inputs; returns the failure instead of throwing it. */
export function checkExamples(
  examples: fc.Arbitrary<Example>,
  options: CheckOptions,
  onDull: (example: Example) => void = () => {},
): CheckResult {
  const { runs = 100, seed = 1, path, order = 2, directions = 4, linear } = options;
  const { differences = true, shrink = true } = options;
  const tally = emptyTally();
  let count = 0;
  const judge = ([example, directionSeed]: Drawn, into: Tally) =>
    caught(() => examine(example, { order, directions, linear, differences, seed: directionSeed }, into));
  // The seed of the directions is drawn, too, so that a path replays them; other seeds would not make it simpler.
  const drawn: fc.Arbitrary<Drawn> = fc.tuple(examples, fc.noShrink(fc.nat(2 ** 30)));
  const lawBroken = (draw: Drawn) => {
    count++;
    const { kinks, blunt } = tally;
    const law = judge(draw, tally)?.law ?? null;
    if (tally.kinks + tally.blunt > kinks + blunt) onDull(draw[0]);
    return law;
  };
  const found = search(drawn, lawBroken, numbersIn, { runs, seed, path, shrink });
  if (found === null) return { ...tally, examples: count, failure: null };
  const finding = judge(found.draw, emptyTally()) ?? UNSTEADY;
  const [example, directionSeed] = found.draw;
  const failing = { seed: found.seed, path: found.path, example, directionSeed };
  // Words cost a full Jacobian; who does not want the smallest example does not read them.
  const message = shrink ? explain(options, finding, failing) : finding.law;
  return { ...tally, examples: count, failure: { ...failing, finding, message } };
}

/** An example and the seed of the directions in which it is examined. */
type Drawn = [example: Example, directionSeed: number];

const numbersIn = ([{ inputs }]: Drawn) => inputs.reduce((sum, x) => sum + x.size, 0);

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

function tooFew(
  { name, inputNames = [] }: CheckOptions,
  { directions, kinks, blunt }: CheckResult,
  kinked: readonly Example[],
): string {
  const found = kinked.map((one) =>
    kinkOf(
      one,
      one.inputs.map((_, k) => inputNames[k] ?? `input ${k}`),
    ),
  );
  const kink = found.find((text) => text !== null);
  return (
    `checkGradients(${name || "fn"}): ${kink ? `${kink}; ` : ""}of ${directions} directions ${kinks} met a kink or the edge of the domain and ${blunt} ` +
    "were too noisy to tell one millionth — nine in ten must be comparable; " +
    "draw inputs where the function is smooth: tensors({ domain: positive }), awayFrom(0), distinct"
  );
}

/** Checks one row of the table. */
export function checkCase(
  row: Case,
  options: Pick<CheckOptions, "runs" | "seed" | "path" | "directions" | "order" | "shrink"> = {},
): CheckResult {
  const { name, inputNames } = row;
  return checkExamples(row.examples, { name, inputNames, ...examinationOf(row), ...options });
}

/** How a row is examined. */
export const examinationOf = ({ order, linear, noDifferences }: Case) => ({
  order,
  linear,
  differences: noDifferences === undefined,
});

/** What was found about one row of the table: how much was compared, how near it came, what is wrong with it. */
export interface RowResult extends CheckResult {
  readonly name: string;
  readonly order: Order;
  readonly passed: boolean;
  /** Why it did not pass, in words. */
  readonly complaint: string | null;
  readonly seconds: number;
}

/**
 * Checks one row. A row whose examples mostly lie on kinks, or are too noisy, fails although nothing wrong was
 * seen: a check that compares nothing would pass for every gradient.
 */
export function checkRow(row: Case, { seed, runs, directions }: Settings): RowResult {
  const started = performance.now();
  const result = checkCase(row, { seed, runs, directions });
  const share = Math.round(100 * compared(result));
  const dull =
    compared(result) < COMPARED
      ? `${row.name}: only ${share} % of ${result.directions} directions could be compared — its inputs lie on kinks or are too noisy`
      : null;
  const complaint = result.failure?.message ?? dull;
  const seconds = (performance.now() - started) / 1000;
  return { ...result, name: row.name, order: row.order, passed: complaint === null, complaint, seconds };
}

/** A row that breaks one of these has the right gradient, but the wrong gradient of it. */
const ofSecondOrder = ["second differences", "Hessian symmetry"];

/**
 * Differences in random directions to the second order, exact laws, and the adjoint identity for what is linear. A row
 * of order 2 whose second derivative is wrong still counts as passed to the first order: the totals say different
 * things. 1e-6 of the gradient's terms colours the largest difference; the verdict uses each ladder's own bar.
 */
export const gradients: Section<RowResult, Case> = {
  part: "gradients",
  title: "Gradients",
  about:
    "Directional derivatives by Ridders' table in float64 against backward; order 2 includes the gradient of the gradient. " +
    "The difference is relative to the terms of the gradient.",
  items: () => cases,
  check: checkRow,
  columns: {
    operation: (g) => text(g.name),
    order: (g) => text(g.order),
    examples: (g) => text(g.examples),
    directions: (g) => text(g.directions),
    "at kinks": (g) => text(g.kinks),
    "too noisy": (g) => text(g.blunt),
    "largest difference": (g) => measure(g.worst, 1e-6),
    seconds: (g) => measure(g.seconds),
  },
  brief: ["operation", "order", "examples", "directions", "at kinks", "largest difference"],
  wrong: (g) => g.complaint,
  counts: [
    {
      key: "firstOrder",
      label: "first derivatives",
      among: ({ order }) => order >= 1,
      passed: ({ passed, failure }) => passed || ofSecondOrder.includes(failure?.finding.law ?? ""),
    },
    { key: "secondOrder", label: "second derivatives", among: ({ order }) => order === 2 },
    { key: "withoutGradient", label: "operations without gradient", among: ({ order }) => order === 0 },
  ],
  plain: ({ failure, ...row }) => {
    if (failure === null) return { ...row, failure };
    const { finding, message, seed, path } = failure;
    return { ...row, failure: { law: finding.law, message, seed, path } };
  },
};
