import { scalars } from "../parity/scalar-section.ts";
import type { Results } from "../verification.ts";
import { measure, type Table, text, verdict } from "./cells.ts";
import {
  backward,
  differences,
  models,
  nodesOf,
  operations,
  randomModels,
  rules,
  training,
} from "./tables-parity.ts";

/** Everything that was run, as tables: the same for the page, for Markdown and for people. */
export function tablesOf(results: Results): Table[] {
  return [
    // What another engine says comes first: it is the strongest evidence, and the most likely to be asked for.
    operations(results),
    models(results),
    ...(results.models ?? []).map(({ name, nodes }) => nodesOf(name, nodes)),
    backward(results),
    training(results),
    differences(results),
    randomModels(results),
    rules(results),
    scalars(results.scalars),
    gradients(results),
    programs(results),
    references(results),
    kernels(results),
    planted(results),
    // A table without rows was not part of this run; an empty one would look like a check that found nothing.
  ].filter((table) => table.rows.length > 0);
}

/**
 * Per row of the table: how much was compared and how sharply.
 *
 * At kinks   directions along which the function bends within the smallest step: counted, not compared
 * Too noisy  the error bar was wider than a millionth of the gradient: agreement there proves little
 * Allowed    1e-6 of the gradient's terms colours the largest difference; the verdict uses each ladder's own bar
 */
function gradients({ gradients }: Results): Table {
  return {
    title: "Gradients",
    about:
      "Directional derivatives by Ridders' table in float64 against backward; order 2 includes the gradient of the gradient. " +
      "The difference is relative to the terms of the gradient.",
    columns: [
      "operation",
      "",
      "order",
      "examples",
      "directions",
      "at kinks",
      "too noisy",
      "largest difference",
      "seconds",
      "what is wrong",
    ],
    rows: (gradients ?? []).map((g) => [
      text(g.name),
      verdict(g.passed),
      text(g.order),
      text(g.examples),
      text(g.directions),
      text(g.kinks),
      text(g.blunt),
      measure(g.worst, 1e-6),
      measure(g.seconds),
      text(g.complaint ?? ""),
    ]),
  };
}

/**
 * One line: all programs, and the worst of them. Units of rounding take the place of a tolerance: ε times the
 * magnitude of what took part, so that 64 allows for the different order of additions in the two engines and for
 * no more.
 */
function programs({ programs }: Results): Table {
  const rows = programs
    ? [
        [
          text(programs.programs),
          verdict(programs.failure === null),
          measure(programs.worst, 64),
          text(programs.failure?.message ?? ""),
        ],
      ]
    : [];
  return {
    title: "Random programs against micrograd",
    about:
      "The same program in scalars and in tensors: equal values and gradients, in units of float64's rounding (64 allowed).",
    columns: ["programs", "", "largest difference", "what is wrong"],
    rows,
  };
}

/**
 * Finite differences confirm that a wrong gradient belongs to a wrong forward. What a function *is* has to be said
 * once more and elsewhere; here is what was said, and whether it holds.
 */
function references({ references }: Results): Table {
  return {
    title: "Definitions and conventions",
    about:
      "Forwards in plain loops, values known by heart, ten optimizer steps by the formula, conventions at kinks.",
    columns: ["reference", "", "what is wrong"],
    rows: (references ?? []).map(({ name, wrong }) => [
      text(name),
      verdict(wrong === null),
      text(wrong ?? ""),
    ]),
  };
}

/**
 * Bounds are per kernel, in units in the last place of float32, each with its reason: what a polynomial leaves,
 * what another order of summation costs. Both sides start from the same float32 inputs.
 */
function kernels({ kernels }: Results): Table {
  return {
    title: "Kernels",
    about: "SIMD in float32 against the plain loops in float64.",
    columns: ["kernel", "", "calls", "numbers compared", "ULP", "allowed", "why", "what is wrong"],
    rows: (kernels ?? []).map((k) => [
      text(k.name),
      verdict(k.passed),
      text(k.calls),
      text(k.elements),
      measure(k.worst, k.allowed),
      text(k.allowed),
      text(k.reason),
      text(k.complaint ?? ""),
    ]),
  };
}

/**
 * Who watches the watchmen: the checks against faults that are known to be there. A fault that only some seeds
 * reveal counts as missed, for the next run might be one of the others.
 */
function planted({ planted }: Results): Table {
  return {
    title: "Planted faults",
    about: "One method at a time replaced by a wrong one; each has to be caught on every seed.",
    columns: ["fault", "", "caught", "seeds", "by law"],
    rows: (planted ?? []).map((m) => [
      text(m.name),
      verdict(m.caught === m.seeds),
      text(m.caught),
      text(m.seeds),
      text(m.laws.join(", ")),
    ]),
  };
}
