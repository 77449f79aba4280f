import fc from "fast-check";
import { fromArray, noGrad, Random, type Tensor } from "tensorgrad";
import { type Example, leaves, randomDirection } from "../gradients/evaluate.ts";
import { type Draws, smallestFailure } from "../gradients/search.ts";
import { measure, text } from "../report/cells.ts";
import { once, type Section } from "../section.ts";
import type { Case } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { largestOf, type Outcome } from "./agreement.ts";
import { gradientParity, sizeOf, type TensorParity } from "./gradients.ts";
import { inWords, type OperationFailure } from "./operation.ts";
import { asProgram, listing, type RandomModelFailure, randomModels, runProgram } from "./random.ts";
import { type RandomOperation, randomOperations } from "./random-operations.ts";

/** How far gradients are apart at most. */
interface Apart {
  readonly maxAbs: number;
  /** In units of the largest element of the gradient, or 1. */
  readonly relative: number;
}

/** Small gradients count as they are: below 1 the rounding of what they are made of is what matters. */
const apartBy = (one: TensorParity): Apart & { readonly size: number } => {
  const size = sizeOf(one);
  return { maxAbs: one.maxAbs, relative: one.maxAbs / Math.max(1, size), size };
};

/** The backward rule of one row of the table, exported and run by ONNX Runtime in float64. */
export interface OperationGradientParity extends Outcome, Apart {
  /** Why the row is not compared; null if it is. */
  readonly skipped: string | null;
  readonly runs: number;
  /** The smallest example that fails, and how to draw it again. */
  readonly failure: OperationFailure | null;
}

/** A rule is a handful of operations, each off by a rounding or two. */
const ofOneRule = 1e-12;
/** A row without a class of its own is a network of dozens, whose norms divide by what is left of a difference. */
const allowed = ({ covers }: Pick<Case, "covers">): number => (covers.length > 0 ? 1 : 10) * ofOneRule;

/**
 * Compares the gradients of one operation by `backward`, through its fused kernel where it has one, with those of the
 * rule that an export consists of. The loss weighs every output differently: under a plain sum, softmax has no gradient.
 */
export async function operationGradientParity(
  row: Pick<Case, "name" | "examples" | "inputNames" | "order" | "covers">,
  { seed = 1, runs: examples = 20 }: Draws = {},
): Promise<OperationGradientParity> {
  const seen: Apart[] = [];
  let runs = 0;
  let isStep = false;
  const judge = async (example: Example) => {
    fc.pre(example.inputs.every(({ size }) => size > 0));
    const gradients = await gradientsOf(example, seed);
    isStep = gradients === null;
    runs++;
    for (const one of gradients ?? []) {
      const { maxAbs, relative } = apartBy(one);
      if (!(relative <= allowed(row))) {
        throw new Error(
          `${one.name} by backward and by ONNX Runtime differ by ${maxAbs}, allowed ${allowed(row)}`,
        );
      }
      seen.push({ maxAbs, relative });
    }
  };
  const failure =
    row.order === 0 ? null : await smallestFailure(row.examples, { seed, runs: examples }, judge);
  const isConstant = isStep ? "its gradient is 0 wherever it has one" : null;
  return {
    name: row.name,
    passed: failure === null,
    skipped: row.order === 0 ? "nothing flows back" : isConstant,
    runs,
    ...largestOf(["relative", "maxAbs"], seen),
    failure: failure && inWords(failure, row.inputNames),
  };
}

/** null for steps: floor and its like pass nothing back. */
async function gradientsOf({ inputs, run }: Example, seed: number) {
  const y = noGrad(() => run(...inputs));
  if (y.size === 0) return [];
  if (!passesBack(inputs, run)) return null;
  const v = fromArray(randomDirection(y.size, new Random(seed)), y.shape, { dtype: "float64" });
  const loss = (y: Tensor, v: Tensor) => y.mul(v).sum();
  const options = { loss, targets: v, tolerance: ofOneRule };
  return (await gradientParity((...x) => run(...x), inputs, options)).gradients;
}

function passesBack(inputs: readonly Tensor[], run: Example["run"]): boolean {
  const x = leaves(inputs);
  const y = run(...x).sum();
  y.backward();
  return x.some(({ grad }) => grad !== null);
}

/**
 * Beside level 4: the backward rule of each single row. In float64 there is no rounding to speak of: a rule that is
 * exported differently from how its fused kernel computes shows from 1e-12 on. Half of the runs: both orders of ONNX
 * models are built per example, which takes longer than running them.
 */
export const rules: Section<OperationGradientParity, Case> = {
  part: "parity",
  title: "Backward rules in ONNX Runtime",
  about:
    "The backward rule of every operation as an exported graph in float64, against backward with its fused kernels.",
  items: () => cases,
  check: (row, { seed, parityRuns }) =>
    operationGradientParity(row, { seed, runs: Math.ceil(parityRuns / 2) }),
  columns: {
    operation: (o) => text(o.name),
    examples: (o) => text(o.runs),
    "largest difference": (o) => measure(o.relative, ofOneRule),
    "max abs": (o) => measure(o.maxAbs),
  },
  brief: ["operation", "examples", "largest difference"],
  skipped: ({ skipped }) => skipped,
  wrong: ({ name, failure }) => failure && `backward rule of ${name}: ${failure.message}\n${failure.example}`,
  counts: [{ key: "operationGradients", label: "backward rules in ONNX Runtime" }],
};

export interface RandomGradientOptions extends Draws {
  readonly operations?: readonly RandomOperation[];
}

/** Backward passes of random models, exported and run in float64. */
export interface RandomGradientParity extends Outcome, Apart {
  readonly models: number;
  /** Gradients compared: one per input of every model. */
  readonly gradients: number;
  readonly nodes: number;
  readonly failure: RandomModelFailure | null;
}

/** Where one engine rounds to the other side of a kink, gradients differ rightly. */
const smooth = randomOperations.filter(({ kinked }) => !kinked);

/** float64 loses few digits in a dozen steps; a wrong rule is off by much more. */
const ofModels = 1e-10;

/**
 * Draws models of smooth operations whose loss takes all their results. Compares the gradients of their inputs by
 * `backward` with those of the exported backward pass. So gradients that meet, views of views and broadcasts are
 * covered.
 */
export async function randomGradientParity(
  options: RandomGradientOptions = {},
): Promise<RandomGradientParity> {
  const { seed = 1, runs = 50, operations = smooth } = options;
  const seen: Apart[] = [];
  const counts = { models: 0, nodes: 0 };
  const failure = await smallestFailure(randomModels, { seed, runs }, async ({ inputs, steps }) => {
    const wide = inputs.map((x) => x.to("float64"));
    // Inputs of the model are among its results, so that each of them has a gradient.
    const model = (...x: Tensor[]) => runProgram(steps, x, operations);
    const { gradients, nodes } = await gradientParity(model, wide, { loss: lossOfAll });
    counts.models++;
    counts.nodes += nodes;
    for (const one of gradients) {
      const { maxAbs, relative, size } = apartBy(one);
      if (!(relative <= ofModels)) {
        throw new Error(`${one.name} differs by ${maxAbs} (numbers up to ${size})`);
      }
      seen.push({ maxAbs, relative });
    }
  });
  return {
    name: "gradients of random models",
    passed: failure === null,
    ...counts,
    gradients: seen.length,
    ...largestOf(["maxAbs", "relative"], seen),
    failure: failure && (await asProgram(failure, (model) => listing(model, operations))),
  };
}

/** Every result takes part, each number with a slope of its own. */
const lossOfAll = (...values: Tensor[]): Tensor =>
  values.map((x) => x.sin().mean()).reduce((sum, x) => sum.add(x));

/**
 * The backward passes of random models of smooth operations: fan-out, broadcasting and views meet in ways that
 * single rows do not reach. In float64, so that an error of a rule cannot hide in rounding.
 */
export const randomBackward: Section<RandomGradientParity> = {
  part: "parity",
  title: "Backward passes of random models in ONNX Runtime",
  about: "The gradients of random models of smooth operations, as exported graphs in float64.",
  items: once,
  check: (_, { seed, parityRuns }) => randomGradientParity({ seed, runs: 5 * parityRuns }),
  columns: {
    models: (r) => text(r.models),
    gradients: (r) => text(r.gradients),
    nodes: (r) => text(r.nodes),
    "largest difference": (r) => measure(r.relative, ofModels),
    "max abs": (r) => measure(r.maxAbs),
  },
  brief: ["models", "gradients", "nodes", "largest difference"],
  wrong: ({ failure }) => failure && `backward of a random model: ${failure.message}\n${failure.program}`,
  counts: [
    {
      key: "randomGradients",
      label: "backward passes of random models in ONNX Runtime",
      size: (r) => r.models,
    },
  ],
};
