import fc from "fast-check";
import { scope, type Tensor } from "tensorgrad";
import { type ArrayValue, decodeModel, exportOnnx, type Model } from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import { largest } from "../gradients/closeness.ts";
import type { Example } from "../gradients/evaluate.ts";
import { DRAWS, type Draws, type Failed, type Smallest, smallestFailure } from "../gradients/search.ts";
import { measure, text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import type { Case } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { agreement, largestOf, type Measures, type Outcome } from "./agreement.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { copyOf } from "./replay.ts";
import { compare, type ThreeRuns, threeRuns } from "./run.ts";

export interface OperationOptions extends Draws {
  readonly opset?: number;
}

/** One row of the table of cases in both engines, in float32; measures are the largest of any example. */
export interface OperationParity extends Outcome, Measures {
  /** Why the row is not compared; null if it is. */
  readonly skipped: string | null;
  /** The ONNX operators that the operation became. */
  readonly operators: readonly string[];
  readonly runs: number;
  /** Allowed, and found at most, in units in the last place of the largest element. */
  readonly allowedUlps: number;
  readonly ulps: number;
  readonly medianUlp: number;
  /** Our largest error against float64 and theirs, in the same units as `ulps`. */
  readonly ours: number;
  readonly theirs: number;
  /** The example with the largest difference, passing or not; null if nothing was compared. */
  readonly worst: WorstExample | null;
  /** The smallest example that fails, and how to draw it again. */
  readonly failure: OperationFailure | null;
}

/** Where two engines are furthest apart, abridged. */
export interface WorstExample {
  /** One line per input: name, shape and first numbers; then the options, if any. */
  readonly inputs: readonly string[];
  readonly ulps: number;
  /** The place of the element in its output, and what it is to all three. */
  readonly at: readonly number[];
  readonly ours: number;
  readonly theirs: number;
  /** Ours in float64. */
  readonly truth: number;
}

export interface OperationFailure extends Failed {
  readonly example: string;
}

/** Compares one operation with ONNX Runtime on random examples; where they differ, finds the smallest that does. */
export async function operationParity(
  row: Pick<Case, "name" | "examples" | "onnx" | "inputNames">,
  options: OperationOptions = {},
): Promise<OperationParity> {
  const { seed = 1, runs = 20, opset = 21 } = checked("operationParity", options, [...DRAWS, "opset"]);
  const skipped = "none" in row.onnx ? row.onnx.none : null;
  const allowedUlps = "none" in row.onnx ? 0 : row.onnx.ulps;
  const seen: ExampleParity[] = [];
  const judge = async (example: Example) => {
    // Nothing to compare, and not every kernel of ONNX Runtime takes it.
    fc.pre(example.inputs.every(({ size }) => size > 0));
    const found = await exampleParity(example, opset, row.inputNames);
    seen.push(found);
    if (!(found.ulps <= allowedUlps)) {
      throw new Error(`${found.ulps} ulps from ONNX Runtime, allowed ${allowedUlps}; ${found.say}`);
    }
  };
  const failure = skipped === null ? await smallestFailure(row.examples, { seed, runs }, judge) : null;
  return {
    name: row.name,
    passed: failure === null,
    skipped,
    operators: [...new Set(seen.flatMap(({ operators }) => operators))],
    runs: seen.length,
    allowedUlps,
    ...largestOf(measures, seen), // each has its own worst example
    worst: furthest(seen),
    failure: failure && inWords(failure, row.inputNames),
  };
}

const measures = ["ulps", "maxAbs", "maxRel", "maxUlp", "medianUlp", "ours", "theirs"] as const;

/** The example as one can type it in. */
export const inWords = (
  { example, ...how }: Smallest<Example>,
  names: readonly string[],
): OperationFailure => ({ ...how, example: example ? describe(example, names) : "" });

/** The measures of one example; the report has the largest of each over all of them. */
interface ExampleParity extends Pick<OperationParity, "operators" | (typeof measures)[number]> {
  /** Who is off, for a message. */
  readonly say: string;
  readonly worst: WorstExample | null;
}

/** The example to show, passing or not: a reader wants to see where it was hardest. */
function furthest(seen: readonly ExampleParity[]): WorstExample | null {
  const all = seen.flatMap(({ worst }) => worst ?? []);
  return all.length ? all.reduce((most, one) => (one.ulps > most.ulps ? one : most)) : null;
}

/** One example as a model of its own, in float32. */
export async function exampleParity(
  { inputs, run, options }: Example,
  opset = 21,
  names: readonly string[] = [],
): Promise<ExampleParity> {
  const { bytes, values } = exported(inputs, run, opset);
  await using session = await OnnxSession.open(bytes);
  const runs = await threeRuns(run, session, [values]);
  const { ours, theirs, maxAbs, maxRel, maxUlp, medianUlp } = compare(runs);
  const unit = unitOf(runs.truth);
  // Both against float64 and in the same unit: when engines differ, this says which one is off.
  const [mine, others] = [(ours?.maxAbs ?? 0) / unit, (theirs?.maxAbs ?? 0) / unit];
  return {
    operators: (decodeModel(bytes).graph?.node ?? []).map(({ opType }) => opType ?? ""),
    ulps: maxAbs / unit,
    maxAbs,
    maxRel,
    maxUlp,
    medianUlp,
    ours: mine,
    theirs: others,
    say: `against float64 ours is off by ${mine.toPrecision(2)} ulps, theirs by ${others.toPrecision(2)}`,
    worst: worstOf(runs, unit, [
      ...values.map((x, i) => abridged(nameOf(names, i), x)),
      ...(options ? [options] : []),
    ]),
  };
}

/** The element that is furthest off, in any output. */
function worstOf({ ours, theirs, truth }: ThreeRuns, unit: number, inputs: string[]): WorstExample | null {
  let worst: WorstExample | null = null;
  for (const [i, y] of ours.entries()) {
    const { worst: found } = agreement(y, theirs[i]);
    const ulps = found ? distance(found.a, found.b) / unit : 0;
    if (y.data.length === 0 || ulps <= (worst?.ulps ?? -1)) continue;
    const at = found?.index ?? y.shape.map(() => 0); // where all are equal, the first
    const position = at.reduce((sum, n, dim) => sum * y.shape[dim] + n, 0);
    const [a, b, t] = [y, theirs[i], truth[i]].map(({ data }) => Number(data[position]));
    worst = { inputs, ulps, at, ours: a, theirs: b, truth: t };
  }
  return worst;
}

/** As `agreement` has it: a number that one side alone calls infinite or NaN is infinitely far. */
const distance = (a: number, b: number) =>
  Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Number.POSITIVE_INFINITY;

/** Numbers of an input that a report shows. */
const SHOWN = 8;

/** The row names its inputs; a function of somebody else's may not. */
const nameOf = (names: readonly string[], i: number) => names[i] ?? `input ${i}`;

/** `x [2, 3] = 1, 2, 3, …`: enough to recognise it; the failing example is printed in full. */
function abridged(name: string, { shape, data }: ArrayValue): string {
  const numbers = Array.from(data.slice(0, SHOWN) as Float32Array, String);
  return `${name} [${shape.join(", ")}] = ${[...numbers, ...(data.length > SHOWN ? ["…"] : [])].join(", ")}`;
}

/**
 * Examples are drawn in float64 on a grid of 2⁻¹⁰, so nothing is lost here. Indices and bits keep their dtype. The fixed batch
 * spares a second trace: shapes are part of what is random.
 */
export function exported(inputs: readonly Tensor[], run: Model, opset: number) {
  using _step = scope();
  const narrow = inputs.map((x) => (x.dtype === "float64" ? x.to("float32") : x));
  return { bytes: exportOnnx(run, narrow, { opset, dynamicBatch: false }), values: narrow.map(copyOf) };
}

/** The distance between float32 numbers at the largest element; 1 for integers and bools. */
function unitOf(truth: readonly ArrayValue[]): number {
  if (truth.every(({ dtype }) => dtype !== "float64")) return 1;
  const sizes = truth.map(({ data }) => largest((data as Float64Array).filter(Number.isFinite)));
  const most = largest([2 ** -126, ...sizes]); // below that, the distance stays the same
  return 2 ** (Math.floor(Math.log2(most)) - 23);
}

export const describe = ({ inputs, options }: Example, names: readonly string[]): string =>
  [...inputs.map((x, i) => `${nameOf(names, i)} = ${JSON.stringify(x.toArray())}`), options ?? []]
    .flat()
    .join(", ");

/**
 * Level 1: every row of the table as a model of one operation. The largest difference counts in ULP of the largest
 * element of a result, for that is what the bound is about; "by element" is the harsher measure, which cancellation
 * inflates. Off: each engine's own distance from float64, which says who of the two is wrong.
 */
export const operations: Section<OperationParity, Case> = {
  part: "parity",
  title: "Operations in ONNX Runtime",
  about:
    "Each row of the table as a model of its own, in float32. ULP is the distance between float32 numbers at the largest element; " +
    "truth is this library in float64.",
  items: () => cases,
  check: (row, { seed, parityRuns }) => operationParity(row, { seed, runs: parityRuns }),
  columns: {
    operation: (o) => text(o.name),
    examples: (o) => text(o.runs),
    ULP: (o) => measure(o.ulps, o.allowedUlps),
    allowed: (o) => text(o.allowedUlps),
    "max abs": (o) => measure(o.maxAbs),
    "max rel": (o) => measure(o.maxRel),
    "max ULP by element": (o) => measure(o.maxUlp),
    "median ULP": (o) => measure(o.medianUlp),
    "ours off": (o) => measure(o.ours),
    "theirs off": (o) => measure(o.theirs),
    ONNX: (o) => text(o.operators.join(" ")),
    "worst input": ({ failure, worst }) => text(failure?.example ?? worst?.inputs.join("; ") ?? ""),
  },
  brief: ["operation", "examples", "ULP", "allowed", "ONNX"],
  skipped: ({ skipped }) => skipped,
  wrong: ({ name, failure }) => failure && `parity of ${name}: ${failure.message}\n${failure.example}`,
  counts: [{ key: "operations", label: "operations in ONNX Runtime" }],
};
