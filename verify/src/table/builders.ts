import fc from "fast-check";
import { type DType, ones, scope, type Tensor } from "tensorgrad";
import type { Module } from "tensorgrad/nn";
import type { Example, Symmetry, TensorFunction } from "../gradients/evaluate.ts";
import type { Fault } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import type { Case, Definition, Formula, OnnxParity } from "./case.ts";
import { broadcastable, tensors } from "./inputs/arbitraries.ts";
import type { Domain } from "./inputs/domains.ts";
import { dimOf, type ShapeLimits, shapes, someDims } from "./inputs/shapes.ts";

/** Additions, products and quotients round once per element. */
export const arithmetic: OnnxParity = { ulps: 8 };
/** Both sides approximate; neither promises the last bit. */
export const transcendental: OnnxParity = { ulps: 32, why: "polynomial approximations on both sides" };
/** Sums in another order differ by their rounding. */
export const reduction: OnnxParity = { ulps: 64, why: "another order of summation" };
/** Numbers are moved, none is computed. */
export const exact: OnnxParity = { ulps: 0 };

export type Extra = Partial<
  Pick<Case, "order" | "linear" | "onnx" | "noDifferences" | "reference" | "faults">
>;

/** Notation that formulas share. */
export const SIGMA = "with σ(x) = 1/(1 + e⁻ˣ)";

/** A formula for people only: positions, other shapes, what the notation for numbers does not say. */
export const words = (formula: string, gradient: string | null): Formula => [formula, gradient, "words"];

/** A row for what is no function of tensors, such as an optimizer: it is held to its definition alone. */
export const definition = (
  name: string,
  reference: Reference,
  faults: readonly Fault[] = [],
): Definition => ({ name, reference, faults });

/** A row for a function of one tensor of any shape, element by element unless it says otherwise. */
export function unary(
  name: string,
  formula: Formula,
  domain: Domain,
  covers: Case["covers"],
  run: (x: Tensor) => Tensor,
  { elementwise = true, ...extra }: Extra & { readonly elementwise?: boolean } = {},
): Case {
  const symmetries = elementwise ? "elementwise" : [];
  const examples = tensors({ domain }).map((x): Example => ({ inputs: [x], run: (x) => run(x), symmetries }));
  return {
    name,
    formula,
    covers,
    inputNames: ["x"],
    examples,
    order: 2,
    onnx: transcendental,
    faults: [],
    ...extra,
  };
}

/** A row for a function, element by element, of several tensors that broadcast together. */
export function zipped(
  name: string,
  formula: Formula,
  domains: readonly Domain[],
  covers: Case["covers"],
  run: TensorFunction,
  extra: Extra = {},
): Case {
  const examples = broadcastable(domains).map(
    (inputs): Example => ({ inputs, run, symmetries: "elementwise" }),
  );
  const inputNames = ["a", "b", "c"].slice(0, domains.length);
  return { name, formula, covers, inputNames, examples, order: 2, onnx: arithmetic, faults: [], ...extra };
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
  formula: Formula,
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
  return {
    name,
    formula,
    covers,
    inputNames: ["x"],
    examples,
    order: 2,
    onnx: arithmetic,
    faults: [],
    ...extra,
  };
}

/** A row for anything else. */
export function free(
  name: string,
  formula: Formula,
  inputNames: readonly string[],
  covers: Case["covers"],
  examples: fc.Arbitrary<Example>,
  extra: Extra = {},
): Case {
  return { name, formula, covers, inputNames, examples, order: 2, onnx: arithmetic, faults: [], ...extra };
}

type Options = Readonly<Record<string, unknown>>;
interface Forward {
  forward(x: Tensor, y: Tensor): Tensor;
}

/** What losses do with those of single elements. */
export const reductions = fc.constantFrom("mean", "sum", "none" as const);

/** Elements may lie in any order; a loss per element goes along. */
const inAnyOrder = (shape: readonly number[], reduction: unknown) =>
  shape.map((_, d) => ({ inputs: [d, d], output: reduction === "none" ? d : null }));

/** A row for a loss between two tensors of one shape; targets come first, as they are valid predictions everywhere. */
export function paired<O extends Options>(
  name: string,
  formula: Formula,
  domains: readonly [predictions: Domain, targets: Domain],
  covers: Case["covers"],
  options: fc.Arbitrary<O>,
  make: (options: O) => Forward,
  extra: Extra = {},
): Case {
  const [x, y] = domains;
  const examples = fc.tuple(shapes({ minSize: 1 }), options).chain(([shape, drawn]) =>
    fc.tuple(tensors({ shape, domain: y }), tensors({ shape, domain: x })).map(
      (inputs): Example => ({
        inputs,
        options: typed(drawn),
        symmetries: inAnyOrder(shape, drawn.reduction),
        run: (y, x) => make(drawn).forward(x, y),
      }),
    ),
  );
  return free(name, formula, ["y", "x"], covers, examples, { onnx: reduction, ...extra });
}

/** `{ dim: 1, keepDim: true }`, as typed. */
export function typed(options: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(options).filter(([, value]) => value !== undefined);
  return `{ ${parts.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")} }`;
}

type Limits = ShapeLimits & { readonly domain: Domain };
type OverDims = (x: Tensor, dim: number[] | undefined, keep: { readonly keepDim: boolean }) => Tensor;

/** Some dims, or all without naming any; kept or dropped. */
const reduced =
  (run: OverDims) =>
  (shape: readonly number[]): fc.Arbitrary<Setting> =>
    fc.tuple(fc.option(someDims(shape.length), { nil: undefined }), fc.boolean()).map(([dim, keepDim]) => ({
      options: typed({ dim, keepDim }),
      run: (x) => run(x, dim, { keepDim }),
      symmetries: reducing(shape, dim, keepDim),
    }));

/** What is reduced may lie in any order; the other dims go along. */
function reducing(
  shape: readonly number[],
  dims: readonly number[] | undefined,
  keepDim: boolean,
): Symmetry[] {
  const gone = new Set((dims ?? [...shape.keys()]).map((dim) => (dim < 0 ? dim + shape.length : dim)));
  const before = (d: number) => (keepDim ? 0 : [...gone].filter((one) => one < d).length);
  return shape.map((_, d) => ({ inputs: [d], output: gone.has(d) ? null : d - before(d) }));
}

/** The dims beside the one that something happens along go along. */
function beside(shape: readonly number[], dim: number, rank: number): Symmetry[] {
  if (rank > shape.length) return []; // the dim is a new one
  const at = dim < 0 ? dim + shape.length : dim;
  const others = [...shape.keys()].filter((d) => d !== at);
  return others.map((d) => ({ inputs: [d], output: d > at ? d - shape.length + rank : d }));
}

export function overDims(
  name: string,
  formula: Formula,
  limits: Limits,
  covers: Case["covers"],
  run: OverDims,
  extra: Extra = {},
): Case {
  return chosen(name, formula, limits, covers, reduced(run), { onnx: reduction, ...extra });
}

/** Along one dim, counted from either end. */
export function overDim(
  name: string,
  formula: Formula,
  limits: Limits,
  covers: Case["covers"],
  run: (x: Tensor, dim: number) => Tensor,
  extra: Extra = {},
): Case {
  const settings = (shape: readonly number[]) =>
    dimOf(shape.length).map((dim): Setting => {
      using _ = scope();
      const { rank } = run(ones(shape, { dtype: "float64" }), dim);
      return { options: typed({ dim }), run: (x) => run(x, dim), symmetries: beside(shape, dim, rank) };
    });
  return chosen(name, formula, limits, covers, settings, extra);
}

/**
 * A module whose parameters stay as they were drawn: they are no inputs, so no gradient is asked of them. An example is
 * evaluated thousands of times in float64; its module is made once.
 */
export function frozen<M extends Module>(make: () => M): (dtype: DType) => M {
  const model = make().to("float64");
  for (const parameter of model.parameters()) parameter.requiresGrad = false;
  return (dtype) => (dtype === "float64" ? model : make().to(dtype));
}

const given = (options: string | undefined) => (options === undefined ? {} : { options });
