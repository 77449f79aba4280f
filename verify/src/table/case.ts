import fc from "fast-check";
import type { Function } from "tensorgrad/functions";
import type { Example } from "../gradients/evaluate.ts";
import type { Fault } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";

export type FunctionClass = new (...args: never[]) => Function;

/** What is said of everything in the table: what it is, and which faults in it have to be noticed. */
export interface Definition {
  readonly name: string;
  /**
   * Finite differences confirm that a wrong gradient matches a wrong forward. So forwards, conventions at kinks and
   * optimizers are held against definitions in plain loops, and values known by heart.
   */
  readonly reference?: Reference;
  /** Planted one by one; each must be caught by this row. */
  readonly faults: readonly Fault[];
}

/** One row of the table of proofs: an operation, layer or loss, and how to draw inputs for it. */
export interface Case extends Definition {
  readonly formula: Formula;
  /** The Function classes (and layer or loss classes) that this row proves. A test sees to it that they take part. */
  readonly covers: readonly (FunctionClass | object)[];
  readonly inputNames: readonly string[];
  /** Drawn together: the inputs, the options, and the function of the inputs that the options make. */
  readonly examples: fc.Arbitrary<Example>;
  /** How often it can be differentiated; 0 for operations through which nothing flows back. */
  readonly order: 0 | 1 | 2;
  /** Linear in all inputs together, or in each of them: then ⟨f(x), v⟩ = ⟨x, Jᵀv⟩, no differences needed. */
  readonly linear?: "jointly" | "each";
  /** Why finite differences cannot be taken; then the operation has to be linear. */
  readonly noDifferences?: string;
  readonly onnx: OnnxParity;
}

/**
 * What a row computes, and how its gradient flows back: with g for the gradient of the result; null where nothing
 * does. `formula-language.fixture.ts` evaluates both as they are printed, unless they are `words(…)`, for people only.
 */
export type Formula = readonly [formula: string, gradient: string | null, kind?: "words"];

/** How near to ONNX Runtime in float32, in units in the last place of the largest element; or why it is not compared. */
export type OnnxParity = { readonly ulps: number; readonly why?: string } | { readonly none: string };

/** A file of the table. */
export interface Table {
  /** The heading of its rows in the report. */
  readonly title?: string;
  readonly rows?: readonly (Case | Definition)[];
  /** Faults in what many rows share; each names who has to catch it. */
  readonly faults?: readonly Fault[];
  /** Functions without a translation to ONNX, each with the reason. */
  readonly withoutOnnx?: Readonly<Record<string, string>>;
}

/** One example of a row: the same for the same seed. */
export function exampleOf(row: Case, seed: number): Example {
  return fc.sample(row.examples, { seed, numRuns: 1 })[0];
}
