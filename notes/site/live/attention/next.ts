import { element } from "../lib/elements.ts";
import { percent } from "../lib/numbers.ts";
import { type Guess, spoken, visible } from "./chances.ts";

/** Bars of the model beside bars of the counts, as a table: a screen reader reads the same numbers. */
export function nextTable(list: readonly Guess[], alphabet: readonly string[], order: number): HTMLElement {
  const most = Math.max(...list.flatMap(({ model, counted }) => [model, counted]), 1e-9);
  const bar = (kind: "model" | "counted", share: number) =>
    element(
      "td",
      { class: `chance ${kind}` },
      element("span", { class: "bar", style: `width: ${((60 * share) / most).toFixed(1)}%` }),
      element("span", { class: "share" }, percent(share)),
    );
  const rows = list.map(({ id, model, counted }) =>
    element(
      "tr",
      { "data-character": alphabet[id] },
      element("th", { scope: "row", title: spoken(alphabet[id]) }, visible(alphabet[id])),
      bar("model", model),
      bar("counted", counted),
    ),
  );
  const head = [
    "next",
    "model",
    order === 1 ? "counts of single characters" : `counts of ${order} characters`,
  ];
  return element(
    "table",
    { class: "chances" },
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows),
  );
}

export const nextStyle = `
.live .chances { table-layout: fixed; } .live .chances th:first-child { width: 3rem; font: 600 15px/1.3 ui-monospace, Menlo, Consolas, monospace; }
.live .chances thead th:first-child { font: 500 12.5px/1.5 system-ui, sans-serif; }
.live .chances td { padding: 0.15rem 0.4rem 0.15rem 0; white-space: nowrap; }
.live .chances .bar { display: inline-block; height: 0.85rem; min-width: 1px; margin-right: 0.4rem; vertical-align: middle; border-radius: 2px; }
.live .chances .model .bar { background: var(--blue); } .live .chances .counted .bar { background: var(--orange); }
`;
