import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { gradientParity } from "./gradients.ts";
import {
  listing,
  messageOf,
  type RandomModel,
  type RandomModelFailure,
  randomModels,
  runProgram,
} from "./random.ts";
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
  const found = { models: 0, gradients: 0, nodes: 0, maxAbs: 0, relative: 0 };
  const law = fc.asyncProperty(randomModels, async (drawn) => {
    const { gradients, nodes } = await compared(drawn, operations);
    found.models++;
    found.nodes += nodes;
    for (const { name, maxAbs, size } of gradients) {
      found.gradients++;
      // Small gradients count as they are: below 1 the rounding of what they are made of is what matters.
      const share = maxAbs / Math.max(1, size);
      if (!(share <= tolerance)) throw new Error(`${name} differs by ${maxAbs} (numbers up to ${size})`);
      found.maxAbs = Math.max(found.maxAbs, maxAbs);
      found.relative = Math.max(found.relative, share);
    }
  });
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(law, {
    seed,
    numRuns: runs,
  });
  return {
    name: "gradients of random models",
    passed: !failed,
    ...found,
    failure:
      failed && counterexample
        ? {
            message: messageOf(errorInstance),
            ...listing(counterexample[0], operations),
            seed,
            path: counterexamplePath ?? "",
          }
        : null,
  };
}

/** In float64; inputs of the model are among its results, so that each of them has a gradient. */
async function compared({ inputs, steps }: RandomModel, operations: readonly RandomOperation[]) {
  const wide = inputs.map((x) => x.to("float64"));
  const model = (...x: Tensor[]) => [...x, ...runProgram(steps, x, operations)];
  const { gradients, nodes } = await gradientParity(model, wide, { loss: lossOfAll });
  return {
    nodes,
    gradients: gradients.map(({ name, maxAbs, relative }) => ({
      name,
      maxAbs,
      size: relative > 0 ? maxAbs / relative : 0,
    })),
  };
}

/** Every result takes part, each number with a slope of its own. */
const lossOfAll = (...values: Tensor[]): Tensor =>
  values.map((x) => x.sin().mean()).reduce((sum, x) => sum.add(x));
