import { type Html, html, raw } from "tensorgrad/plots";
import { exampleOf } from "../table/case.ts";
import type { Results } from "../verification.ts";
import { type Cell, measure } from "./cells.ts";
import { colourOf, listOf, pageOf } from "./html.ts";
import { type Evidence, type Family, familiesOf } from "./rows.ts";
import type { Summary } from "./summary.ts";

/**
 * The way into the report: every operation on a line of its own, which opens to its formula, how it was checked and
 * where it was furthest off. Plain HTML without a script or a network.
 */
export function indexOf(provenance: readonly string[], summary: Summary, results: Results): string {
  const families = familiesOf(results);
  const missed = summary.misses.length;
  const body = html`<details class="summary"${raw(missed ? " open" : "")}><summary>${missed ? `${missed} missed` : "All right"}: what ran</summary>
${listOf(summary)}</details>
<p>Click a line for its formula, the checks and the worst case. What stands under “Formula” is evaluated as printed, gradient included, and
held to the engine's numbers by a test; what stands “in words” is not. <a href="parity.html">All tables</a> hold the rest:
models, trainings, random programs, kernels. Colours run from green to red at what is allowed.</p>
${families.length ? families.map(familyOf) : html`<p>No single operation was part of this run.</p>`}`;
  const heading = "Every operation, every gradient";
  return pageOf({ title: "Every operation", heading, style: LINES, provenance, body }, summary);
}

const HEAD = ["", "operation", "formula", "order", "gradient off by", "ONNX, ULP", "faults caught"];

const familyOf = ({ title, evidence }: Family): Html => html`<section>
<h2>${title}</h2>
<div class="line head">${HEAD.map((name) => html`<span>${name}</span>`)}</div>
${evidence.map(lineOf)}</section>
`;

const NONE: Cell = { text: "–" };

function lineOf(evidence: Evidence): Html {
  const { row, gradients, parity, faults, passed } = evidence;
  const caught = faults.filter(({ caught, seeds }) => caught === seeds).length;
  const compared = parity && !parity.skipped ? parity : null;
  const cells: Cell[] = [
    gradients ? { text: String(gradients.order) } : NONE,
    gradients?.directions ? measure(gradients.worst, 1e-6) : NONE,
    compared ? measure(compared.ulps, compared.allowedUlps) : NONE,
    faults.length ? { text: `${caught} of ${faults.length}`, heat: caught === faults.length ? 0 : 1 } : NONE,
  ];
  const verdict = html`<span class="${passed ? "ok" : "miss"}">${passed ? "ok" : "MISS"}</span>`;
  const said = html`<span class="name">${row.name}</span><span class="formula">${row.formula[0]}</span>`;
  const numbers = cells.map(
    ({ text, heat }) => html`<span class="number"${raw(colourOf(heat))}>${text}</span>`,
  );
  return html`<details${raw(passed ? "" : " open")}><summary class="line">${verdict}${said}${numbers}</summary>
<dl>${partsOf(evidence).map(partOf)}</dl>
</details>
`;
}

/** A heading and its lines; formulas and numbers of examples in a fixed width. */
interface Part {
  readonly title: string;
  readonly lines: readonly string[];
  readonly isCode?: boolean;
}

const partOf = ({ title, lines, isCode }: Part): Html =>
  html`<dt>${title}</dt><dd>${lines.map((line) => (isCode ? html`<code>${line}</code>` : html`<p>${line}</p>`))}</dd>
`;

/**
 * What opens below a line, in the order of a reader's questions. What is it? Is its gradient right, and how do we
 * know? Does another engine agree? Where was it worst? Parts that did not run are left out.
 */
function partsOf(evidence: Evidence): Part[] {
  const { row, faults } = evidence;
  const [formula, gradient, kind] = row.formula;
  const parts: Part[] = [
    { title: kind === "words" ? "In words" : "Formula", lines: [formula], isCode: true },
    { title: "Gradient", lines: [gradient ?? "none: nothing flows back"], isCode: true },
    { title: "Differences", lines: differencesOf(evidence) },
    { title: "Laws", lines: lawsOf(evidence) },
    { title: "Planted faults", lines: faults.map(faultOf) },
    { title: "ONNX Runtime", lines: parityOf(evidence) },
    { title: "Kernel", lines: kernelOf(evidence) },
    { title: "Worst case", lines: worstOf(evidence), isCode: true },
  ];
  return parts.filter(({ lines }) => lines.length > 0);
}

/** The measured part: directions, and why some of them were not compared. */
function differencesOf({ row, gradients: g }: Evidence): string[] {
  if (!g || row.order === 0) return [];
  if (row.noDifferences) return [`none: ${row.noDifferences}; the laws below decide`];
  const orders = row.order === 2 ? "first and second order" : "first order";
  const wrong = g.complaint ? g.complaint.split("\n") : [];
  return [
    `${orders}, float64: ${g.directions} directions on ${g.examples} examples; largest difference ${measure(g.worst).text} of the gradient's terms.`,
    `${g.kinks} directions met a kink or an edge of the domain, ${g.blunt} were too noisy to compare.`,
    ...wrong,
  ];
}

/** For linear functions this replaces measuring: the identity is the whole truth about the gradient. */
const LINEAR = {
  jointly: "Linear in all inputs together: ⟨A·x, v⟩ = ⟨x, Aᵀ·v⟩ up to rounding.",
  each: "Linear in each input: ⟨A·x, v⟩ = ⟨x, Aᵀ·v⟩ up to rounding.",
};

/** Laws hold exactly or up to rounding, for every row; those that only some rows promise are named where they do. */
function lawsOf({ row, gradients }: Evidence): string[] {
  if (!gradients) return [];
  const broken = gradients.failure ? [`Broken: ${gradients.failure.finding.law}.`] : [];
  if (row.order === 0) return [...broken, "Nothing flows back; the same bits twice; inputs unchanged."];
  return [
    ...broken,
    "Linear in what comes in; zero in, zero out; two backwards add; a second path adds; the same bits twice; inputs unchanged.",
    "Any memory layout; the gradient under a view is the view of the gradient; an input changed in place is refused or not needed.",
    ...(isEquivariant(row) ? ["Reordered inputs give reordered results and gradients."] : []),
    ...(row.linear ? [LINEAR[row.linear]] : []),
    ...(row.order === 2 && !row.noDifferences ? ["Second derivatives are symmetric: u·Hv = v·Hu."] : []),
  ];
}

/** Whether its examples name dims along which it goes along with its inputs. */
const isEquivariant = (row: Evidence["row"]): boolean =>
  [1, 2, 3].some((seed) => (exampleOf(row, seed).symmetries ?? []).length > 0);

const faultOf = ({ name, caught, seeds, laws }: Evidence["faults"][number]): string =>
  `${name} — caught on ${caught} of ${seeds} seeds${laws.length ? ` by ${laws.join(", ")}` : ""}`;

/**
 * Both directions through ONNX Runtime, with each engine's own error against float64: agreement within bounds that
 * are wide for a reason should show the reason.
 */
function parityOf({ row, parity: p, rule }: Evidence): string[] {
  const digits = (ulps: number) => measure(ulps).text;
  const why = "why" in row.onnx && row.onnx.why ? ` (${row.onnx.why})` : "";
  const forward = !p
    ? []
    : p.skipped
      ? [`Not compared: ${p.skipped}.`]
      : [
          `${p.operators.join(", ") || "no node"}: ${p.runs} examples, ${digits(p.ulps)} ULP apart, ${p.allowedUlps} allowed${why}.`,
          `Against float64 ours is off by ${digits(p.ours)} ULP, theirs by ${digits(p.theirs)}; largest difference ${digits(p.maxAbs)}, relative ${digits(p.maxRel)}.`,
          ...(p.failure ? [p.failure.message] : []),
        ];
  const backward =
    rule && !rule.skipped
      ? [`Backward rule as a graph, float64: ${rule.runs} examples, ${digits(rule.relative)} apart.`]
      : [];
  return [...forward, ...backward, ...(rule?.failure ? [rule.failure.message] : [])];
}

const kernelOf = ({ kernel: k }: Evidence): string[] =>
  k
    ? [
        `SIMD against plain loops: ${k.elements} numbers, ${measure(k.worst).text} ULP, ${k.allowed} allowed (${k.reason}).`,
      ]
    : [];

/** The example of the largest difference, whether or not it was too large: numbers to try for oneself. */
function worstOf({ parity }: Evidence): string[] {
  if (!parity?.worst) return [];
  const { inputs, ulps, at, ours, theirs, truth } = parity.worst;
  const place = at.length ? `y[${at.join(", ")}]` : "y";
  return [
    ...inputs,
    `${place}: ours ${ours}, ONNX Runtime ${theirs}, float64 ${truth}`,
    ulps === 0 ? "no difference in any example" : `${measure(ulps).text} ULP apart`,
    ...(parity.failure ? [`smallest that fails: ${parity.failure.example}`] : []),
  ];
}

const LINES = `
.line { display: grid; grid-template-columns: 4rem 11rem minmax(0, 1fr) 3rem 7rem 7rem 7rem; gap: .6rem; align-items: baseline; padding: .2rem .4rem; }
.head { font-size: .8rem; font-weight: bold; border-bottom: 1px solid light-dark(#bbb, #666); }
.head span:nth-child(n + 4), .line .number { text-align: right; }
details { border-bottom: 1px solid light-dark(#eee, #333); font-size: .9rem; }
summary { cursor: pointer; }
summary.line { list-style: none; }
summary.line::-webkit-details-marker { display: none; }
summary:hover, details[open] > summary.line { background: light-dark(#f3f5f8, #23262b); }
summary:focus-visible { outline: 2px solid; }
summary.line span:first-child::before { content: "\\25b8\\a0"; }
details[open] > summary.line span:first-child::before { content: "\\25be\\a0"; }
.name { font-weight: 600; }
.formula { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; opacity: .8; }
.number { font-variant-numeric: tabular-nums; padding: 0 .4rem; border-radius: .2rem; }
.number[style] { background: light-dark(hsl(var(--heat) 70% 88%), hsl(var(--heat) 60% 20%)); }
.ok { color: light-dark(#1b7a34, #7fd393); }
.summary { margin: 1rem 0; border: 0; }
dl { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .5rem 1rem; margin: .6rem 0 1rem 4.6rem; padding-left: 1rem; border-left: 3px solid light-dark(#cdd6e4, #44506a); }
dt { font-weight: 600; opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
dd p { margin: 0; white-space: pre-wrap; }
dd code { display: block; font: .85rem/1.6 ui-monospace, monospace; white-space: pre-wrap; }
@media (max-width: 50rem) {
  .line { grid-template-columns: 4rem 1fr 5rem 5rem; }
  .head, .line .formula, .line span:nth-child(4), .line span:nth-child(7) { display: none; }
  dl { grid-template-columns: 1fr; margin-left: 0; }
}
`;
