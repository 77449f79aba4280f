import { element } from "../lib/elements.ts";
import type { Verdict } from "./look.ts";
import { BUG_NAMES, type Bug } from "./names.ts";

/** A row per bug: two usual checks, then the library's own with the property that it breaks. */
export function verdictTable(verdicts: readonly Verdict[], current: Bug): HTMLElement {
  const head = ["bug", "by hand, 1 %", "gradcheck, 10⁻³", "verify", "broken property"];
  const rows = verdicts.map(({ bug, byHand, gradcheck, caught, seeds, law, message }) => {
    const due = bug !== "none";
    return element(
      "tr",
      { "aria-current": String(bug === current), "data-bug": bug },
      element("th", { scope: "row", style: "font-weight:500" }, BUG_NAMES[bug]),
      noticed(byHand, due),
      noticed(gradcheck, due),
      noticed(caught > 0, due, due ? `${caught} of ${seeds}` : undefined),
      element("td", { title: message }, law ?? "none"),
    );
  });
  return element(
    "table",
    { class: "verdicts" },
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows),
  );
}

function noticed(
  found: boolean,
  due: boolean,
  text = found ? "noticed" : due ? "missed" : "silent",
): HTMLElement {
  return element("td", { class: found === due ? "blue" : "orange" }, found || !due ? text : "missed");
}
