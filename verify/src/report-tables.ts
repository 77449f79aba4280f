import type { NodeParity } from "./parity-nodes.ts";
import type { Results } from "./verification.ts";

/** One cell: what is read, what is sorted by, and how near to its limit it came (0 cool … 1 at the limit). */
export interface Cell {
  readonly text: string;
  readonly value?: number;
  readonly heat?: number;
}

export interface Table {
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Everything that was run, as tables: the same for the page, for Markdown and for people. */
export function tablesOf(results: Results): Table[] {
  return [
    operations(results),
    models(results),
    ...(results.models ?? []).map(({ name, nodes }) => nodesOf(name, nodes)),
    gradients(results),
    programs(results),
    references(results),
    kernels(results),
    planted(results),
  ].filter((table) => table.rows.length > 0);
}

const text = (content: string | number): Cell =>
  typeof content === "number" ? { text: String(content), value: content } : { text: content };

/** A number; heated by how many of its digits before the limit are used up, three decades wide. */
function measure(value: number, limit?: number): Cell {
  const shown =
    value === 0
      ? "0"
      : Math.abs(value) >= 0.01 && Math.abs(value) < 1e4
        ? value.toPrecision(3)
        : value.toExponential(1);
  if (limit === undefined) return { text: shown, value };
  const used = value <= 0 ? 0 : limit === 0 ? 1 : (Math.log10(value / limit) + 3) / 3;
  return { text: shown, value, heat: Math.min(1, Math.max(0, used)) };
}

const verdict = (passed: boolean): Cell => ({
  text: passed ? "ok" : "MISS",
  value: passed ? 0 : 1,
  heat: passed ? 0 : 1,
});

function operations({ operations }: Results): Table {
  return {
    title: "Operations in ONNX Runtime",
    about:
      "Each row of the table as a model of its own, in float32. ULP is the distance between float32 numbers at the largest element; " +
      "truth is this library in float64.",
    columns: [
      "operation",
      "",
      "examples",
      "ULP",
      "allowed",
      "max abs",
      "max rel",
      "max ULP by element",
      "median ULP",
      "ours off",
      "theirs off",
      "ONNX",
    ],
    rows: (operations ?? []).map((o) =>
      o.skipped
        ? [text(o.name), text("–"), ...Array.from({ length: 9 }, () => text("")), text(o.skipped)]
        : [
            text(o.name),
            verdict(o.passed),
            text(o.runs),
            measure(o.ulps, o.allowedUlps),
            text(o.allowedUlps),
            measure(o.maxAbs),
            measure(o.maxRel),
            measure(o.maxUlp),
            measure(o.medianUlp),
            measure(o.ours),
            measure(o.theirs),
            text(
              o.failure
                ? `${o.operators.join(" ")}; worst input: ${o.failure.example}`
                : o.operators.join(" "),
            ),
          ],
    ),
  };
}

function models({ models }: Results): Table {
  return {
    title: "Models in ONNX Runtime",
    about: "Whole models, exported and run on the same rows at several batch sizes.",
    columns: [
      "model",
      "",
      "equal predictions",
      "max abs",
      "allowed",
      "max rel",
      "max ULP",
      "median ULP",
      "nearer to float64",
      "batch sizes",
      "first node that diverges",
    ],
    rows: (models ?? []).map((m) => [
      text(m.name),
      verdict(m.passed),
      text(m.equalPredictions ? `${m.equalPredictions.equal}/${m.equalPredictions.total}` : "–"),
      measure(m.maxAbs, m.tolerance),
      measure(m.tolerance),
      measure(m.maxRel),
      measure(m.maxUlp),
      measure(m.medianUlp),
      text(m.nearer),
      text(m.batches.map(({ batch }) => batch).join(", ")),
      text(m.firstDivergence ?? "none"),
    ]),
  };
}

function nodesOf(name: string, nodes: readonly NodeParity[]): Table {
  return {
    title: `${name}, node by node`,
    about:
      "Local: both engines fed with our inputs, so the error of this node alone. Accumulated: each with its own.",
    columns: [
      "node",
      "operation",
      "local max abs",
      "local max ULP",
      "accumulated max abs",
      "accumulated max ULP",
      "diverges",
    ],
    rows: nodes.map((n) => [
      text(n.name),
      text(n.operation),
      measure(n.local.maxAbs, 1e-5),
      measure(n.local.maxUlp),
      measure(n.accumulated.maxAbs, 1e-5),
      measure(n.accumulated.maxUlp),
      text(n.diverges ? "yes" : ""),
    ]),
  };
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
