import { type Html, html, raw } from "tensorgrad/plots";
import type { Cell, Table } from "./cells.ts";
import type { Summary } from "./summary.ts";

/** What a page says before its own content. */
interface Page {
  readonly title: string;
  readonly heading: string;
  /** Beside what all pages look like. */
  readonly style?: string;
  readonly provenance: readonly string[];
  readonly body: unknown;
}

/** A page that needs no network. */
export const pageOf = ({ title, heading, style = "", provenance, body }: Page, { misses }: Summary): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${misses.length === 0 ? "all right" : `${misses.length} missed`}</title>
<style>${raw(STYLE + style)}</style>
</head>
<body>
<h1>${heading}</h1>
${provenance.map(
  (line) => html`<p class="made">${line}</p>
`,
)}${body}
</body>
</html>
`.text;

/** Totals and misses. */
export const listOf = ({ lines, misses }: Summary): Html =>
  html`<ul>
${misses.map(
  (miss) => html`<li class="miss">missed: ${miss}</li>
`,
)}${lines.map(
  (line) => html`<li>${line}</li>
`,
)}</ul>`;

/** The report as one page: tables, heat, and a few lines of script that sort. */
export function htmlOf(provenance: readonly string[], summary: Summary, tables: readonly Table[]): string {
  const body = html`${listOf(summary)}
${tables.map(tableOf)}
<script>${raw(SCRIPT)}</script>`;
  return pageOf({ title: "Verification", heading: "Verification", provenance, body }, summary);
}

/**
 * A table that scrolls sideways by itself, so that the page never does. Column heads are buttons: the keyboard
 * reaches them, and screen readers say that they can be pressed.
 */
function tableOf({ title, about, columns, rows }: Table): Html {
  const head = (name: string) =>
    html`<th scope="col"><button type="button">${name || "verdict"}</button></th>`;
  return html`<section>
<h2>${title}</h2>
<p>${about}</p>
<div class="wide"><table>
<thead><tr>${columns.map(head)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${row.map(cellOf)}</tr>
`,
)}</tbody>
</table></div>
</section>
`;
}

/** What is shown is rounded; what is sorted by is not. */
function cellOf({ text, value, heat }: Cell): Html {
  const number = value === undefined || Number.isNaN(value) ? "" : ` class="number" data-value="${value}"`;
  return html`<td${raw(number + colourOf(heat))}>${text}</td>`;
}

/** Heat is an angle of colour, from green (120) over yellow to red (0); text stays readable in both colour schemes. */
export const colourOf = (heat: number | undefined): string =>
  heat === undefined ? "" : ` style="--heat: ${Math.round(120 * (1 - heat))}"`;

/** What all pages of the report look like. */
const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
.made { margin: 0; opacity: .7; }
.miss { font-weight: bold; color: light-dark(#b00020, #ff8a80); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .2rem .6rem; text-align: left; border-bottom: 1px solid light-dark(#ddd, #444); vertical-align: top; }
th button { all: unset; cursor: pointer; font-weight: bold; }
th button:focus-visible { outline: 2px solid; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
td { max-width: 40rem; overflow-wrap: anywhere; white-space: pre-wrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td[style] { background: light-dark(hsl(var(--heat) 70% 88%), hsl(var(--heat) 60% 20%)); }
`;

/** Sorts a table by the column that was clicked, numbers as numbers; a second click turns the order round. */
const SCRIPT = `
document.addEventListener("click", ({ target }) => {
  const head = target.closest("th");
  if (!head) return;
  const body = head.closest("table").tBodies[0];
  const descending = head.ariaSort === "ascending";
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.ariaSort = descending ? "descending" : "ascending";
  const key = (row) => row.cells[head.cellIndex].dataset.value;
  const text = (row) => row.cells[head.cellIndex].textContent;
  const order = (a, b) => key(a) && key(b) ? key(a) - key(b) : text(a).localeCompare(text(b));
  body.append(...[...body.rows].sort((a, b) => descending ? order(b, a) : order(a, b)));
});
`;
