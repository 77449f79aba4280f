import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import type { Function } from "tensorgrad/functions";
import type { Example, Symmetry, TensorFunction } from "../gradients/evaluate.ts";
import { broadcastable, tensors } from "./arbitraries.ts";
import type { Domain } from "./domains.ts";
import { type ShapeLimits, shapes } from "./shapes.ts";

export type FunctionClass = new (...args: never[]) => Function;

/** One row of the table of proofs: an operation, layer or loss, and how to draw inputs for it. */
export interface Case {
  readonly name: string;
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

/** How near to ONNX Runtime in float32, in units in the last place of the largest element; or why it is not compared. */
export type OnnxParity = { readonly ulps: number; readonly why?: string } | { readonly none: string };

/** Additions, products and quotients round once per element. */
export const arithmetic: OnnxParity = { ulps: 8 };
/** Both sides approximate; neither promises the last bit. */
export const transcendental: OnnxParity = { ulps: 32, why: "polynomial approximations on both sides" };
/** Sums in another order differ by their rounding. */
export const reduction: OnnxParity = { ulps: 64, why: "another order of summation" };
/** Numbers are moved, none is computed. */
export const exact: OnnxParity = { ulps: 0 };

export type Extra = Partial<Pick<Case, "order" | "linear" | "onnx" | "noDifferences">>;

/** A row for a function of one tensor of any shape, element by element unless it says otherwise. */
export function unary(
  name: string,
  domain: Domain,
  covers: Case["covers"],
  run: (x: Tensor) => Tensor,
  { elementwise = true, ...extra }: Extra & { readonly elementwise?: boolean } = {},
): Case {
  const symmetries = elementwise ? "elementwise" : [];
  const examples = tensors({ domain }).map((x): Example => ({ inputs: [x], run: (x) => run(x), symmetries }));
  return { name, covers, inputNames: ["x"], examples, order: 2, onnx: transcendental, ...extra };
}

/** A row for a function, element by element, of several tensors that broadcast together. */
export function zipped(
  name: string,
  domains: readonly Domain[],
  covers: Case["covers"],
  run: TensorFunction,
  extra: Extra = {},
): Case {
  const examples = broadcastable(domains).map(
    (inputs): Example => ({ inputs, run, symmetries: "elementwise" }),
  );
  const inputNames = ["a", "b", "c"].slice(0, domains.length);
  return { name, covers, inputNames, examples, order: 2, onnx: arithmetic, ...extra };
}

/** What is drawn once the input's shape is known. */
export interface Setting {
  readonly options?: string;
  readonly run: (x: Tensor) => Tensor;
  readonly symmetries?: readonly Symmetry[];
}

/** A row for a function of one tensor whose options depend on the tensor's shape. */
export function chosen(
  name: string,
  { domain, ...limits }: ShapeLimits & { readonly domain: Domain },
  covers: Case["covers"],
  settings: (shape: readonly number[]) => fc.Arbitrary<Setting>,
  extra: Extra = {},
): Case {
  const examples = shapes(limits).chain((shape) =>
    fc.tuple(tensors({ shape, domain }), settings(shape)).map(
      ([x, { options, run, symmetries = [] }]): Example => ({
        inputs: [x],
        run: (x) => run(x),
        symmetries,
        ...given(options),
      }),
    ),
  );
  return { name, covers, inputNames: ["x"], examples, order: 2, onnx: arithmetic, ...extra };
}

/** A row for anything else. */
export function free(
  name: string,
  inputNames: readonly string[],
  covers: Case["covers"],
  examples: fc.Arbitrary<Example>,
  extra: Extra = {},
): Case {
  return { name, covers, inputNames, examples, order: 2, onnx: arithmetic, ...extra };
}

/** `{ dim: 1, keepDim: true }`, as typed. */
export function typed(options: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(options).filter(([, value]) => value !== undefined);
  return `{ ${parts.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")} }`;
}

/** One example of a row: the same for the same seed. */
export function exampleOf(row: Case, seed: number): Example {
  return fc.sample(row.examples, { seed, numRuns: 1 })[0];
}

const given = (options: string | undefined) => (options === undefined ? {} : { options });
