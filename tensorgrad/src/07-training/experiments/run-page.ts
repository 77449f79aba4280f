import { type Page, renderPage, type Table } from "../../plots/index.ts";
import type { Json } from "../callbacks/callback.ts";
import { picturesOf } from "./plots.ts";
import { expectRun, flat, type Run, summarizeRun } from "./runs.ts";

/**
 * A run as one page that opens from disk: what it came to, its curves, its configuration and its environment.
 *
 *   writeFileSync("run.html", runPage(findRun("runs", "mlp-001")));
 *
 * It is made with `renderPage` of `tensorgrad/plots`, as the pages of the examples are.
 */
export function runPage(run: Run): string {
  expectRun("runPage", run);
  const { id, started, status, reason, seed, epochs, steps, best, note } = summarizeRun(run);
  const { lines } = run.log;
  const why = reason ? ` (${reason})` : "";
  const page: Page = {
    title: id,
    lead: `Started ${started.slice(0, 16).replace("T", " ")} UTC with seed ${seed}. ${epochs} epochs, ${steps} steps; ${status}${why}.`,
    summary: [],
    sections: [
      {
        title: "Results",
        ...(note && { text: note }),
        table: {
          head: ["number", "best", "in epoch"],
          rows: best.map(({ name, value, epoch }) => [name, value, epoch]),
        },
      },
      {
        title: "Curves",
        figures: lines.length
          ? Object.entries(picturesOf(lines)).map(([name, svg]) => ({
              svg,
              caption: `The ${name} of this run.`,
            }))
          : [],
        ...(lines.length === 0 && { text: "No step was recorded." }),
      },
      { title: "Configuration", table: tableOf(run.config) },
      { title: "Environment", table: tableOf(run.environment) },
    ],
  };
  return renderPage(page);
}

const tableOf = (values: Json): Table => ({
  head: ["name", "value"],
  rows: Object.entries(flat(values)).map(([name, value]) => [
    name,
    typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value),
  ]),
});
