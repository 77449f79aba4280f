import { element } from "../lib/elements.ts";
import { shown } from "../lib/numbers.ts";
import type { RiddersTable } from "./look.ts";

/** The triangle: each row has half as many columns as digits to gain. The shade says how near an entry is. */
export function ridders({ steps, rows, value, kink }: RiddersTable, backward: number): HTMLElement {
  if (kink)
    return element(
      "p",
      {},
      "No step stays on one side of the kink, or inside the domain. Nothing is compared.",
    );
  const columns = rows.length > 0 ? rows[rows.length - 1].length : 0;
  const head = [
    "step",
    "difference",
    ...Array.from({ length: Math.max(0, columns - 1) }, (_, i) => `better ${i + 1}`),
  ];
  const body = rows.map((row, i) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, shown(steps[i], 3)),
      ...row.map((entry) => cell(entry, Math.abs(entry - backward), entry === value)),
    ),
  );
  return element(
    "table",
    { class: "ridders" },
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...body),
  );
}

/** Sixteen digits would hide what matters: how many of them are right. */
function cell(entry: number, off: number, best: boolean): HTMLElement {
  const digits = Math.round(
    Math.min(16, Math.max(0, -Math.log10(off / Math.max(1, Math.abs(entry)) || 1e-16))),
  );
  const shade = `background: color-mix(in oklab, var(--blue) ${3 * digits}%, transparent)`;
  return element(
    "td",
    { class: best ? "best" : null, style: shade, title: `${digits} digits` },
    shown(entry, 9),
  );
}

export function riddersWords({ kink, value, error, noise, agrees }: RiddersTable, backward: number): string {
  if (kink) return "A kink: the table says so in place of a number.";
  const bar = shown(error + noise, 2);
  const verdict = agrees ? "They agree." : "That is more than ten error bars: the derivative is wrong.";
  return `The framed entry is the answer: ${shown(value, 13)} ± ${bar}. Backward is off by ${shown(Math.abs(value - backward), 2)}. ${verdict}`;
}
