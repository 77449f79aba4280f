import fc from "fast-check";
import { fromArray, noGrad, Random, type Tensor } from "tensorgrad";
import { type Example, randomDirection } from "../gradients/evaluate.ts";
import { smallestFailure } from "../gradients/search.ts";
import { measure, text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import type { Case } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { largestOf } from "./agreement.ts";
import { gradientParity, sizeOf } from "./gradients.ts";
import { inWords, type OperationFailure } from "./operation.ts";

export interface OperationGradientOptions {
  readonly seed?: number;
  /** Examples drawn of the row. */
  readonly runs?: number;
}

/** The backward rule of one row of the table, exported and run by ONNX Runtime in float64. */
export interface OperationGradientParity {
  readonly name: string;
  readonly passed: boolean;
  /** Why the row is not compared; null if it is. */
  readonly skipped: string | null;
  readonly runs: number;
  /** Largest difference of a gradient, in units of its largest element or 1. */
  readonly relative: number;
  readonly maxAbs: number;
  /** The smallest example that fails, and how to draw it again. */
  readonly failure: OperationFailure | null;
}

/** A rule is a handful of operations, each off by a rounding or two. */
const tolerance = 1e-12;

/**
 * Compares the gradients of one operation by `backward`, through its fused kernel where it has one, with those of the
 * rule that an export consists of. The loss weighs every output differently: under a plain sum, softmax has no gradient.
 */
export async function operationGradientParity(
  row: Pick<Case, "name" | "examples" | "inputNames" | "order">,
  { seed = 1, runs: examples = 20 }: OperationGradientOptions = {},
): Promise<OperationGradientParity> {
  const seen: { readonly maxAbs: number; readonly relative: number }[] = [];
  let runs = 0;
  let isStep = false;
  const judge = async (example: Example) => {
    fc.pre(example.inputs.every(({ size }) => size > 0));
    const gradients = await gradientsOf(example, seed);
    isStep = gradients === null;
    runs++;
    for (const { name, maxAbs, relative } of gradients ?? []) {
      if (!(relative <= tolerance)) {
        throw new Error(`${name} by backward and by ONNX Runtime differ by ${maxAbs}, allowed ${tolerance}`);
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
  const { gradients } = await gradientParity((...x) => run(...x), inputs, { loss, targets: v, tolerance });
  return gradients.map((one) => ({ ...one, relative: one.maxAbs / Math.max(1, sizeOf(one)) }));
}

function passesBack(inputs: readonly Tensor[], run: Example["run"]): boolean {
  const leaves = inputs.map((x) => x.detach());
  for (const x of leaves) if (x.isFloat) x.requiresGrad = true;
  run(...leaves)
    .sum()
    .backward();
  return leaves.some(({ grad }) => grad !== null);
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
    "largest difference": (o) => measure(o.relative, tolerance),
    "max abs": (o) => measure(o.maxAbs),
  },
  brief: ["operation", "examples", "largest difference"],
  skipped: ({ skipped }) => skipped,
  wrong: ({ name, failure }) => failure && `backward rule of ${name}: ${failure.message}\n${failure.example}`,
  counts: [{ key: "operationGradients", label: "backward rules in ONNX Runtime" }],
};
