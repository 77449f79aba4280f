import type { Cell, Table } from "./cells.ts";
import type { Summary } from "./summary.ts";

/** The report as one page that needs no network: tables, heat, and a few lines of script that sort. */
export function htmlOf(provenance: readonly string[], summary: Summary, tables: readonly Table[]): string {
  const misses = summary.misses.map((miss) => `<li class="miss">missed: ${escaped(miss)}</li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Verification: ${summary.misses.length === 0 ? "all right" : `${summary.misses.length} missed`}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Verification</h1>
${provenance.map((line) => `<p class="made">${escaped(line)}</p>`).join("\n")}
<ul>
${[...summary.lines.map((line) => `<li>${escaped(line)}</li>`), ...misses].join("\n")}
</ul>
${tables.map(tableOf).join("\n")}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/**
 * A table that scrolls sideways by itself, so that the page never does. Column heads are buttons: the keyboard
 * reaches them, and screen readers say that they can be pressed.
 */
function tableOf({ title, about, columns, rows }: Table): string {
  const head = columns.map(
    (column) => `<th scope="col"><button type="button">${escaped(column) || "verdict"}</button></th>`,
  );
  return `<section>
<h2>${escaped(title)}</h2>
<p>${escaped(about)}</p>
<div class="wide"><table>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map(cellOf).join("")}</tr>`).join("\n")}
</tbody>
</table></div>
</section>`;
}

/** What is shown is rounded; what is sorted by is not. */
function cellOf({ text, value, heat }: Cell): string {
  const number = value === undefined || Number.isNaN(value) ? "" : ` class="number" data-value="${value}"`;
  // From green over yellow to red; the text stays readable in both colour schemes.
  const colour = heat === undefined ? "" : ` style="--heat: ${Math.round(120 * (1 - heat))}"`;
  return `<td${number}${colour}>${escaped(text)}</td>`;
}

/** What all pages of the report look like. */
export const STYLE = `
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

/** Messages quote code with < and &, and names of faults come from outside this file. */
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]);
}
