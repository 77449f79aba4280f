import { differences as finite, Random, scope, type Tensor } from "tensorgrad";
import { Module } from "tensorgrad/nn";
import { emit, encodeModel, type Model, modelOf, traceGradients } from "tensorgrad/onnx";
import { checked, recordAll } from "tensorgrad/runtime";
import {
  branchOf,
  type Directions,
  inner,
  leaves,
  magnitude,
  randomDirection,
} from "../gradients/evaluate.ts";
import { measure, text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import { type GradientCase, gradientCases } from "../table/gradients.ts";
import type { Outcome } from "./agreement.ts";
import {
  backwardModel,
  type LossOptions,
  lossAt,
  type Named,
  ourGradients,
  type Problem,
  problemOf,
  theirGradients,
} from "./gradients.ts";
import { drawCase } from "./gradients-cases.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { asTensor, borrow, copyOf, exportable, inEvaluation, nameOf } from "./replay.ts";

export interface DifferenceParityOptions extends LossOptions {
  readonly directions?: number;
  readonly seed?: number;
  readonly opset?: number;
  readonly name?: string;
}

/** Finite differences of a foreign forward against our gradients, and against the exported backward that it ran. */
export interface DifferenceParity extends Outcome {
  readonly directions: number;
  /** Directions along which a kink was too near to compare. */
  readonly kinks: number;
  /** Runs of ONNX Runtime. */
  readonly evaluations: number;
  /** Largest difference from our derivative, in units of the sum that the derivative is of. */
  readonly relative: number;
  readonly maxAbs: number;
  /** The same for the derivative by the exported backward. */
  readonly theirs: number;
  /** The first direction that does not agree; null if all do. */
  readonly failure: string | null;
}

/** Rounding of a derivative that is a sum of products. */
const rounding = 8 * Number.EPSILON;

/**
 * Differentiates the loss that ONNX Runtime computes in float64, by Ridders' table along random directions. Compares
 * with our gradients. Neither our forward nor our backward takes part in the differences.
 *
 * Throws    TypeError unless inputs and parameters are float64
 */
export async function differenceParity(
  model: Model,
  inputs: Tensor | readonly Tensor[],
  options: DifferenceParityOptions,
): Promise<DifferenceParity> {
  const {
    directions = 4,
    seed = 1,
    opset = 21,
    name = nameOf(model),
  } = checked("differenceParity", options, ["loss", "targets", "directions", "seed", "opset", "name"]);
  const problem = problemOf(model, inputs, options);
  using _mode = inEvaluation(model);
  const { bytes, point, wanted } = lossAsModel(problem, opset);
  requireWide(name, wanted, point);
  const gradients = await bothGradients(problem, opset);
  // Weights are moved to say on which side of its kinks a point lies; they go back to where they were.
  using _weights = model instanceof Module ? borrow(model) : null;
  await using session = await OnnxSession.open(bytes);

  const random = new Random(seed);
  const found = { kinks: 0, evaluations: 0, relative: 0, maxAbs: 0, theirs: 0 };
  let failure: string | null = null;
  for (let direction = 0; direction < directions; direction++) {
    const u = wanted.map((input) => randomDirection(point[input].data.length, random));
    const curve = async (t: number): Promise<finite.Sample> => {
      found.evaluations++;
      const at = movedTo(point, wanted, u, t);
      const { loss: value } = await session.fetch(at);
      return { value: Number(value.data[0]), branch: branchAt(problem, at) };
    };
    const [ours, theirs] = await along(curve, gradients, u);
    if (ours.kink) found.kinks++;
    found.maxAbs = Math.max(found.maxAbs, ours.difference);
    found.relative = Math.max(found.relative, ours.difference / ours.size);
    found.theirs = Math.max(found.theirs, theirs.difference / theirs.size);
    failure ??= complaint(direction, ours, theirs);
  }
  const passed = failure === null && found.kinks <= directions / 2; // else it was hardly looked at
  return { name, passed, directions, ...found, failure };
}

/** One row of the table of gradients, in float64. */
export function checkDifferenceCase(
  row: GradientCase,
  { seed = 1, directions = 4 }: { readonly seed?: number; readonly directions?: number } = {},
): Promise<DifferenceParity> {
  const { model, inputs, ...rest } = drawCase(row, seed, "float64");
  return differenceParity(model, inputs, { ...rest, name: row.name, directions, seed });
}

/** Forward and loss alone, with the parameters as inputs, so that they can be moved. */
function lossAsModel({ model, inputs, targets, loss }: Problem, opset: number) {
  using _step = scope();
  const recorded = traceGradients(model, inputs, targets, loss);
  const feeds = new Map([...recorded.inputs, ...recorded.parameters]);
  const outputs = new Map([["loss", recorded.outputs.get("loss") as Tensor]]);
  const forward = { ...recorded, inputs: feeds, parameters: new Map<Tensor, string>(), outputs };
  const graph = emit(forward, exportable([...feeds.keys()]));
  return {
    bytes: encodeModel(modelOf(graph, { opset, name: "loss", metadata: {} })),
    point: Object.fromEntries([...feeds].map(([x, name]) => [name, copyOf(x)])),
    wanted: [...recorded.outputs.keys()].flatMap((name) => name.match(/^grad\.(.*)$/)?.[1] ?? []),
  };
}

/** Differences in float32 would be all rounding: a step of 1e-3 leaves four digits. */
function requireWide(name: string, wanted: readonly string[], point: Named): void {
  const narrow = wanted.find((input) => point[input].dtype !== "float64");
  if (narrow === undefined) return;
  throw new TypeError(
    `differenceParity: ${name} with ${narrow} in ${point[narrow].dtype} — differences need float64; use model.to("float64") and x.to("float64")`,
  );
}

/** Our gradients by backward, and those of the exported backward pass. */
async function bothGradients(
  problem: Problem,
  opset: number,
): Promise<readonly [ours: Directions, theirs: Directions]> {
  const { ours } = ourGradients(problem);
  const theirs = await theirGradients(problem, backwardModel(problem, opset));
  const names = Object.keys(ours).filter((name) => name.startsWith("grad."));
  const list = (values: Named) => names.map((name) => values[name].data as Float64Array);
  return [list(ours), list(theirs)];
}

/** The point t along u: parameters and inputs move together, targets stay. */
function movedTo(point: Named, wanted: readonly string[], u: Directions, t: number): Named {
  const moved = wanted.map((name, k) => {
    const { data, ...rest } = point[name];
    return [name, { ...rest, data: (data as Float64Array).map((x, i) => x + t * u[k][i]) }] as const;
  });
  return { ...point, ...Object.fromEntries(moved) };
}

/** Which side of every kink the point lies on: ONNX Runtime does not say, our forward does. */
function branchAt({ model, inputs, targets, loss }: Problem, at: Named): number {
  using _step = scope();
  const given = Object.values(at).slice(0, inputs.length + targets.length);
  const data = leaves(given.map(asTensor)); // a model may ask for gradients itself
  if (model instanceof Module)
    for (const [name, p] of model.namedParameters()) p.assign(at[name].data as Float64Array);
  const [x, y] = [data.slice(0, inputs.length), data.slice(inputs.length)];
  return branchOf(recordAll(() => lossAt(model, loss, x, y)));
}

/** One derivative along u, by a rule and by differences; `size` is Σ |gradient · u|. */
type Found = Awaited<ReturnType<typeof along>>[number];

/** Compares derivatives along u; the table's evaluations serve them all. */
function along(
  evaluate: (t: number) => Promise<finite.Sample>,
  gradients: readonly Directions[],
  u: Directions,
) {
  return interrupted(evaluate, (curve) =>
    gradients.map((g) => {
      const [analytic, size] = [inner(g, u), magnitude(g, u) || 1];
      const verdict = finite.agrees(curve, analytic, rounding * size);
      const difference = verdict.kink ? 0 : Math.abs(verdict.numeric - analytic);
      return { ...verdict, analytic, size, difference };
    }),
  );
}

/**
 * Ridders' table asks for values at once, another engine gives them later: each value that is missing interrupts the
 * table, is fetched, and the table starts over. It is deterministic and cheap beside an evaluation.
 */
async function interrupted<T>(
  evaluate: (t: number) => Promise<finite.Sample>,
  table: (curve: finite.Curve) => T,
): Promise<T> {
  const known = new Map<number, finite.Sample>();
  for (;;) {
    let missing: number | null = null;
    try {
      return table((t) => {
        const sample = known.get(t);
        if (sample) return sample;
        missing = t;
        throw new Error("interrupted");
      });
    } catch (error) {
      if (missing === null) throw error;
      known.set(missing, await evaluate(missing));
    }
  }
}

/** Whose gradient is off, the fused one or the exported one: both are held to the same differences. */
function complaint(direction: number, ours: Found, theirs: Found): string | null {
  const say = (who: string, { analytic, numeric, allowed }: Found) =>
    `direction ${direction}: ${who} gives ${analytic}, differences of ONNX Runtime's forward give ${numeric} (allowed ${allowed.toPrecision(2)})`;
  if (!ours.agrees) return say("backward", ours);
  return theirs.agrees ? null : say("the exported backward", theirs);
}

/**
 * Level 5: derivatives that owe nothing to this library beyond the exported forward. Runs are evaluations of that
 * forward: about twenty for each direction, whatever the number of weights.
 */
export const differences: Section<DifferenceParity, GradientCase> = {
  part: "parity",
  title: "Gradients against differences of ONNX Runtime's forward",
  about:
    "Neither our forward nor our backward had a part in these derivatives: Ridders' table over ONNX Runtime in float64.",
  items: () => gradientCases,
  check: (row, { seed, directions }) => checkDifferenceCase(row, { seed, directions }),
  columns: {
    function: (d) => text(d.name),
    directions: (d) => text(d.directions),
    "at kinks": (d) => text(d.kinks),
    runs: (d) => text(d.evaluations),
    "ours off": (d) => measure(d.relative, 1e-6),
    "exported backward off": (d) => measure(d.theirs, 1e-6),
  },
  brief: ["function", "directions", "at kinks", "runs", "ours off"],
  wrong: ({ name, failure }) => failure && `differences of ONNX Runtime's ${name}: ${failure}`,
  counts: [{ key: "differences", label: "gradients against differences of ONNX Runtime's forward" }],
};
