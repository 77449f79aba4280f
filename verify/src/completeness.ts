import { scope, type Tensor } from "tensorgrad";
import * as functions from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { recordAll } from "tensorgrad/runtime";
import { leaves } from "./gradients/evaluate.ts";
import { type Case, exampleOf, type FunctionClass } from "./table/case.ts";
import { cases, withoutOnnx } from "./table/cases.ts";

/** Whether the table leaves anything out, claims what is not so, or hides a missing translation. */
export interface Completeness {
  /** Every exported Function class, layer and loss. */
  readonly all: readonly string[];
  readonly withoutCase: readonly string[];
  /** "row: class" where examples of the row never run the class. */
  readonly emptyClaims: readonly string[];
  /** Functions that have no ONNX translation and no stated reason. */
  readonly unexplained: readonly string[];
  /** Reasons stated for functions that have a translation, or do not exist. */
  readonly staleReasons: readonly string[];
}

/** Examples per row: enough for every option to be drawn. */
const EXAMPLES = 30;

export function completeness(): Completeness {
  const classes = { ...functionClasses(), ...layerClasses() };
  const covered = new Set(cases.flatMap(({ covers }) => covers));
  const silent = new Set<string>();
  const speaking = new Set<string>();
  const emptyClaims = cases.flatMap((row) => {
    const used = operationsUsed(row);
    for (const operation of used) (operation.onnx() === null ? silent : speaking).add(operation.name);
    const claims = row.covers.filter((claim) =>
      Object.values(functionClasses()).includes(claim as FunctionClass),
    );
    return claims
      .filter((claim) => ![...used].some((operation) => operation instanceof (claim as FunctionClass)))
      .map((claim) => `${row.name}: ${nameOf(claim, classes)}`);
  });
  return {
    all: Object.keys(classes),
    withoutCase: Object.entries(classes).flatMap(([name, type]) => (covered.has(type) ? [] : [name])),
    emptyClaims,
    unexplained: [...silent].filter((name) => !speaking.has(name) && !(name in withoutOnnx)),
    staleReasons: Object.keys(withoutOnnx).filter((name) => !silent.has(name)),
  };
}

/** Every operation in the graphs of the row's results and of their gradients. */
function operationsUsed(row: Case) {
  const used = new Set<functions.Function>();
  for (let seed = 0; seed < EXAMPLES; seed++) {
    using _ = scope();
    const { inputs, run } = exampleOf(row, seed);
    const x = leaves(inputs);
    const y = recordAll(() => run(...x));
    const results: Tensor[] = [y];
    if (y.requiresGrad) {
      recordAll(() => y.backward(y.mul(1), { createGraph: true }));
      results.push(...x.flatMap(({ grad }) => (grad ? [grad] : [])));
    }
    for (const operation of functions.operationsBehind(results)) used.add(operation);
  }
  return used;
}

function functionClasses(): Record<string, FunctionClass> {
  const { Function, float, int64s, node, ...families } = functions;
  return Object.assign({}, ...Object.values(families));
}

/** Classes with a forward of their own; bases of others are none. */
function layerClasses(): Record<string, object> {
  const bases: readonly unknown[] = [nn.Module, nn.Activation, nn.Parameter];
  return Object.fromEntries(
    Object.entries(nn).filter(
      ([, value]) =>
        typeof value === "function" && "forward" in (value.prototype ?? {}) && !bases.includes(value),
    ),
  );
}

function nameOf(type: object, classes: Record<string, object>): string {
  return Object.entries(classes).find(([, value]) => value === type)?.[0] ?? "?";
}
