import type { Tensor } from "tensorgrad";
import { smallestFailure } from "../gradients/search.ts";
import { measure, text } from "../report/cells.ts";
import { once, type Section } from "../section.ts";
import { largestOf } from "./agreement.ts";
import { gradientParity, sizeOf } from "./gradients.ts";
import { asProgram, listing, type RandomModelFailure, randomModels, runProgram } from "./random.ts";
import { type RandomOperation, randomOperations } from "./random-operations.ts";

export interface RandomGradientOptions {
  readonly seed?: number;
  readonly runs?: number;
  readonly operations?: readonly RandomOperation[];
}

/** Backward passes of random models, exported and run in float64. */
export interface RandomGradientParity {
  readonly name: string;
  readonly passed: boolean;
  readonly models: number;
  /** Gradients compared: one per input of every model. */
  readonly gradients: number;
  readonly nodes: number;
  readonly maxAbs: number;
  /** Largest difference, in units of the largest gradient or 1. */
  readonly relative: number;
  readonly failure: RandomModelFailure | null;
}

/** Where one engine rounds to the other side of a kink, gradients differ rightly. */
const smooth = randomOperations.filter(({ kinked }) => !kinked);

/** float64 loses few digits in a dozen steps; a wrong rule is off by much more. */
const tolerance = 1e-10;

/**
 * Draws models of smooth operations whose loss takes all their results, and compares the gradients of their inputs by
 * `backward` with those of the exported backward pass: gradients that meet, views of views, broadcasts undone.
 */
export async function randomGradientParity(
  options: RandomGradientOptions = {},
): Promise<RandomGradientParity> {
  const { seed = 1, runs = 50, operations = smooth } = options;
  const seen: { readonly maxAbs: number; readonly relative: number }[] = [];
  const counts = { models: 0, nodes: 0 };
  const failure = await smallestFailure(randomModels, { seed, runs }, async ({ inputs, steps }) => {
    const wide = inputs.map((x) => x.to("float64"));
    // Inputs of the model are among its results, so that each of them has a gradient.
    const model = (...x: Tensor[]) => runProgram(steps, x, operations);
    const { gradients, nodes } = await gradientParity(model, wide, { loss: lossOfAll });
    counts.models++;
    counts.nodes += nodes;
    for (const one of gradients) {
      // Small gradients count as they are: below 1 the rounding of what they are made of is what matters.
      const { name, maxAbs } = one;
      const relative = maxAbs / Math.max(1, sizeOf(one));
      if (!(relative <= tolerance)) {
        throw new Error(`${name} differs by ${maxAbs} (numbers up to ${sizeOf(one)})`);
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
    "largest difference": (r) => measure(r.relative, tolerance),
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
