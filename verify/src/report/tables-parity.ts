import type { NodeParity } from "../parity/nodes.ts";
import type { OperationParity } from "../parity/operation.ts";
import type { Results } from "../verification.ts";
import { measure, type Table, text, verdict } from "./cells.ts";

/** Tables of what ran in ONNX Runtime. */

/** The smallest input that fails, or else that of the largest difference. */
const worstInput = ({ failure, worst }: OperationParity): string =>
  failure?.example ?? worst?.inputs.join("; ") ?? "";

/**
 * Columns of a wide table. The largest difference counts in ULP of the largest element of a result, for that is
 * what the bound is about; "by element" is the harsher measure, which cancellation inflates. Off: each engine's
 * own distance from float64, which says who of the two is wrong.
 */
const OPERATION =
  "operation||examples|ULP|allowed|max abs|max rel|max ULP by element|median ULP|ours off|theirs off|ONNX|worst input";

export function operations({ operations }: Results): Table {
  return {
    title: "Operations in ONNX Runtime",
    about:
      "Each row of the table as a model of its own, in float32. ULP is the distance between float32 numbers at the largest element; " +
      "truth is this library in float64.",
    columns: OPERATION.split("|"),
    rows: (operations ?? []).map((o) => (o.skipped ? skipped(o.name, o.skipped) : compared(o))),
  };
}

/** A row that was not compared keeps its line, with the reason where others have their worst input. */
const skipped = (name: string, why: string) => [
  text(name),
  text("–"),
  ...Array.from({ length: 10 }, () => text("")),
  text(`not compared: ${why}`),
];

/** In the order of the columns above. */
const compared = (o: OperationParity) => [
  text(o.name),
  verdict(o.passed),
  text(o.runs),
  measure(o.ulps, o.allowedUlps),
  text(o.allowedUlps),
  ...[o.maxAbs, o.maxRel, o.maxUlp, o.medianUlp, o.ours, o.theirs].map((value) => measure(value)),
  text(o.operators.join(" ")),
  text(worstInput(o)),
];

/**
 * Whole models. Three batch sizes, because an export that has the example's batch baked in agrees on exactly that
 * one. "Nearer to float64" settles whose rounding makes the difference.
 */
export function models({ models }: Results): Table {
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

/**
 * One model, opened up. A node with a small local and a large accumulated error inherits it; the first one with a
 * large local error is where to look. 1e-5 colours both, as for whole models.
 */
export function nodesOf(name: string, nodes: readonly NodeParity[]): Table {
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

/**
 * Gradients differ in size by orders of magnitude from layer to layer: relative to each one's largest element they
 * can share a column and a bound.
 */
export function backward({ backward }: Results): Table {
  return {
    title: "Exported backward passes in ONNX Runtime",
    about:
      "Forward, loss and backward as one graph of ordinary nodes. The difference is relative to each gradient's largest element.",
    columns: ["function", "", "nodes", "gradients", "largest difference", "allowed", "max abs", "max ULP"],
    rows: (backward ?? []).map((b) => [
      text(b.name),
      verdict(b.passed),
      text(b.nodes),
      text(b.gradients.length),
      measure(b.relative, b.tolerance),
      measure(b.tolerance),
      measure(b.maxAbs),
      measure(b.maxUlp),
    ]),
  };
}

/**
 * Two trainings from the same start. That the weights moved, and the loss fell, is part of the evidence: two
 * engines that do nothing agree to the last bit.
 */
export function training({ training }: Results): Table {
  return {
    title: "Training in both engines",
    about:
      "The same training twice: here, and as an exported step that ONNX Runtime runs on its own results. " +
      "What dropout draws here is an input there, at every step anew. " +
      "Largest difference of any weight after the last step.",
    columns: [
      "training",
      "",
      "steps",
      "dropout masks",
      "largest difference",
      "allowed",
      "weights moved by",
      "first loss",
      "last loss",
    ],
    rows: (training ?? []).map((t) => [
      text(t.name),
      verdict(t.passed),
      text(t.steps),
      text(t.masks),
      measure(t.maxAbs, t.tolerance),
      measure(t.tolerance),
      measure(t.moved),
      measure(t.losses.first),
      measure(t.losses.ours),
    ]),
  };
}

/**
 * Derivatives that owe nothing to this library beyond the exported forward. Runs are evaluations of that forward:
 * about twenty for each direction, whatever the number of weights.
 */
export function differences({ differences }: Results): Table {
  return {
    title: "Gradients against differences of ONNX Runtime's forward",
    about:
      "Neither our forward nor our backward had a part in these derivatives: Ridders' table over ONNX Runtime in float64.",
    columns: [
      "function",
      "",
      "directions",
      "at kinks",
      "runs",
      "ours off",
      "exported backward off",
      "what is wrong",
    ],
    rows: (differences ?? []).map((d) => [
      text(d.name),
      verdict(d.passed),
      text(d.directions),
      text(d.kinks),
      text(d.evaluations),
      measure(d.relative, 1e-6),
      measure(d.theirs, 1e-6),
      text(d.failure ?? ""),
    ]),
  };
}

/**
 * All random models in one line: a thousand small ones are one experiment. What is allowed follows from both
 * engines' distance to float64 on the same program, so the share says how near the worst came to an alarm.
 */
export function randomModels({ randomModels: r }: Results): Table {
  const row = r && [
    text(r.models),
    verdict(r.passed),
    text(r.results),
    measure(r.worst, 1),
    measure(r.maxAbs),
    measure(r.maxUlp),
    text(r.failure ? `${r.failure.message}; ${r.failure.program}` : r.operations.join(" ")),
  ];
  return {
    title: "Random models in ONNX Runtime",
    about:
      "Random programs with all intermediate results as outputs; what is allowed follows from both engines' errors against float64.",
    columns: ["models", "", "results", "share of what is allowed", "max abs", "max ULP", "operations"],
    rows: row ? [row] : [],
  };
}

/**
 * Single rules, and in the first line whole random backward passes. In float64 there is no rounding to speak of: a
 * rule that is exported differently from how its fused kernel computes shows from 1e-12 on.
 */
export function rules({ rules, randomBackward: r }: Results): Table {
  const all = r && [
    text("random models"),
    verdict(r.passed),
    text(r.models),
    measure(r.relative, 1e-10),
    measure(r.maxAbs),
    text(
      r.failure ? `${r.failure.message}; ${r.failure.program}` : `${r.gradients} gradients, ${r.nodes} nodes`,
    ),
  ];
  // What is constant between its steps has no rule to run; such a row says so and shows no numbers.
  const each = (rules ?? []).map((o) => [
    text(o.name),
    o.skipped ? text("–") : verdict(o.passed),
    text(o.runs),
    o.skipped ? text("") : measure(o.relative, 1e-12),
    o.skipped ? text("") : measure(o.maxAbs),
    text(o.skipped ?? (o.failure ? `${o.failure.message}; ${o.failure.example}` : "")),
  ]);
  return {
    title: "Backward rules in ONNX Runtime",
    about:
      "The backward rule of every operation as an exported graph in float64, against backward with its fused kernels.",
    columns: ["operation", "", "examples", "largest difference", "max abs", ""],
    rows: all ? [all, ...each] : each,
  };
}
