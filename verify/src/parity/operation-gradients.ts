import fc from "fast-check";
import { fromArray, noGrad, Random, type Tensor } from "tensorgrad";
import { type Example, randomDirection } from "../gradients/evaluate.ts";
import type { Case } from "../table/case.ts";
import { gradientParity, type TensorParity } from "./gradients.ts";
import { describe, type OperationFailure } from "./operation.ts";

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
  { seed = 1, runs = 20 }: OperationGradientOptions = {},
): Promise<OperationGradientParity> {
  const found = { runs: 0, relative: 0, maxAbs: 0 };
  const report = { name: row.name, skipped: null, failure: null };
  if (row.order === 0) return { ...report, passed: true, skipped: "nothing flows back", ...found };
  let isStep = false;
  const law = fc.asyncProperty(row.examples, async (example) => {
    fc.pre(example.inputs.every(({ size }) => size > 0));
    const gradients = await gradientsOf(example, seed);
    isStep = gradients === null;
    found.runs++;
    for (const { name, maxAbs, share } of gradients ?? []) {
      if (!(share <= tolerance)) {
        throw new Error(`${name} by backward and by ONNX Runtime differ by ${maxAbs}, allowed ${tolerance}`);
      }
      found.maxAbs = Math.max(found.maxAbs, maxAbs);
      found.relative = Math.max(found.relative, share);
    }
  });
  const details = await fc.check(law, { seed, numRuns: runs });
  const skipped = isStep ? "its gradient is 0 wherever it has one" : null;
  return { ...report, skipped, passed: !details.failed, ...found, failure: failureOf(row, seed, details) };
}

function failureOf(
  { inputNames }: Pick<Case, "inputNames">,
  seed: number,
  { failed, counterexample, counterexamplePath, errorInstance }: fc.RunDetails<[Example]>,
): OperationFailure | null {
  if (!failed) return null;
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const example = counterexample ? describe(counterexample[0], inputNames) : "";
  return { message, example, seed, path: counterexamplePath ?? "" };
}

/** null for steps: floor and its like pass nothing back. */
async function gradientsOf({ inputs, run }: Example, seed: number) {
  const y = noGrad(() => run(...inputs));
  if (y.size === 0) return [];
  if (!passesBack(inputs, run)) return null;
  const v = fromArray(randomDirection(y.size, new Random(seed)), y.shape, { dtype: "float64" });
  const loss = (y: Tensor, v: Tensor) => y.mul(v).sum();
  const { gradients } = await gradientParity((...x) => run(...x), inputs, { loss, targets: v, tolerance });
  return gradients.map((one) => ({ ...one, share: one.maxAbs / Math.max(1, sizeOf(one)) }));
}

const sizeOf = ({ maxAbs, relative }: TensorParity): number => (relative > 0 ? maxAbs / relative : 0);

function passesBack(inputs: readonly Tensor[], run: Example["run"]): boolean {
  const leaves = inputs.map((x) => x.detach());
  for (const x of leaves) if (x.isFloat) x.requiresGrad = true;
  run(...leaves)
    .sum()
    .backward();
  return leaves.some(({ grad }) => grad !== null);
}
