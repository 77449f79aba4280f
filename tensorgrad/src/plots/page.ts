import { checked } from "../00-runtime/index.ts";
import { expectObjects } from "./expect.ts";
import { count } from "./format.ts";
import { type Html, html, raw } from "./html.ts";
import { stylesheet } from "./stylesheet.ts";
import { type SummaryRow, summaryCells, summaryHead } from "./summary.ts";

/** A drawing with the sentence below it. `svg` is markup from this project and is not escaped. */
export interface Figure {
  svg: string;
  caption: string;
  /** A diagram drawn for a white page, such as graphviz makes: takes the whole width, is inverted in the dark. */
  diagram?: boolean;
  /** Takes the whole width and keeps its colours. */
  wide?: boolean;
}

/** A table; columns of numbers ("97.92 %" is one too) are aligned as such. */
export interface Table {
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** A part of a page: a heading, text, pictures, tables. */
export interface Section {
  title: string;
  text?: string;
  figures?: readonly Figure[];
  table?: Table;
}

/** What a page shows, from its title to its sections. */
export interface Page {
  title: string;
  lead: string;
  summary: readonly SummaryRow[];
  sections: readonly Section[];
}

/**
 * One self-contained page that opens from disk: no script, no network, light and dark. Everything but the drawings is escaped.
 */
export function renderPage(page: Page): string {
  const { title, lead, summary, sections } = checked("renderPage", page, [
    "title",
    "lead",
    "summary",
    "sections",
  ]);
  expectObjects("renderPage", summary, "summary");
  expectObjects("renderPage", sections, "sections");
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
${raw(stylesheet())}
</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p>${lead}</p>
</header>
${summary.length === 0 ? [] : summaryTable(summary)}
${sections.map(renderSection)}
</main>
</body>
</html>`.text
  }\n`;
}

function summaryTable(rows: readonly SummaryRow[]): Html {
  const [jobHead, resultHead, targetHead, timeHead] = summaryHead;
  const line = (row: SummaryRow) => {
    const [job, result, target, time, verdict] = summaryCells(row);
    return html`<tr>
<th scope="row">${job}</th><td>${result}</td><td class="quiet">${target}</td><td class="number">${time}</td>
<td class="${row.passed ? "passed" : "missed"}">${verdict}</td>
</tr>`;
  };
  return html`<div class="scroll"><table>
<thead><tr><th>${jobHead}</th><th>${resultHead}</th><th>${targetHead}</th><th class="number">${timeHead}</th><th></th></tr></thead>
<tbody>${rows.map(line)}</tbody>
</table></div>`;
}

function renderSection({ title, text, figures = [], table }: Section): Html {
  return html`<section>
<h2>${title}</h2>
${text === undefined ? [] : html`<p>${text}</p>`}
${figures.length === 0 ? [] : html`<div class="figures">${figures.map(renderFigure)}</div>`}
${table === undefined ? [] : renderTable(table)}
</section>
`;
}

function renderFigure({ svg, caption, diagram = false, wide = false }: Figure): Html {
  const kind = diagram ? "diagram" : wide ? "wide" : "";
  return html`<figure${raw(kind && ` class="${kind}"`)}>
<div class="scroll">${raw(svg)}</div>
<figcaption>${caption}</figcaption>
</figure>
`;
}

function renderTable({ head, rows }: Table): Html {
  const kinds = head.map((_, column) => (rows.every((row) => isNumeric(row[column]!)) ? "number" : "text"));
  return html`<div class="scroll"><table>
<thead><tr>${head.map((cell, column) => html`<th class="${kinds[column]}">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, column) => html`<td class="${kinds[column]}">${readable(cell)}</td>`)}</tr>`,
  )}</tbody>
</table></div>`;
}

function isNumeric(cell: string | number): boolean {
  return typeof cell === "number" || /^([\d.,]+( %| s)?)?$/.test(cell);
}

/** 12,345 · 0.9812 · 2.1e-6 */
function readable(cell: string | number): string {
  if (typeof cell === "string") return cell;
  if (Number.isInteger(cell)) return count(cell);
  return Math.abs(cell) < 1e-3 ? cell.toExponential(1) : String(Number(cell.toPrecision(4)));
}
