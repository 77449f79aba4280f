import { measure, type Table, text, verdict } from "./report-cells.ts";
import {
  backward,
  differences,
  models,
  nodesOf,
  operations,
  randomModels,
  rules,
  training,
} from "./report-tables-parity.ts";
import type { Results } from "./verification.ts";

/** Everything that was run, as tables: the same for the page, for Markdown and for people. */
export function tablesOf(results: Results): Table[] {
  return [
    operations(results),
    models(results),
    ...(results.models ?? []).map(({ name, nodes }) => nodesOf(name, nodes)),
    backward(results),
    training(results),
    differences(results),
    randomModels(results),
    rules(results),
    gradients(results),
    programs(results),
    references(results),
    kernels(results),
    planted(results),
  ].filter((table) => table.rows.length > 0);
}

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
