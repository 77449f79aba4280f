import * as Plot from "@observablehq/plot";
import { checked } from "../00-runtime/index.ts";
import { draw } from "./draw.ts";
import { expectList } from "./expect.ts";
import { color, mix } from "./theme.ts";

/**
 * Counts by true (row) and predicted (column) class. The diagonal is blue by its share of the row; mistakes
 * are orange on a logarithmic scale, so that one in a thousand is still seen.
 */
export function confusionMatrix(
  matrix: readonly (readonly number[])[],
  labels: readonly string[],
  options: { readonly title?: string } = {},
): string {
  const { title = "Confusion matrix" } = checked("confusionMatrix", options, ["title"]);
  expectList("confusionMatrix", labels, "labels", "a list of names");
  expectList("confusionMatrix", matrix, "matrix", "a list of rows");
  for (const row of matrix) expectList("confusionMatrix", row, "row", "a list of numbers");
  const longest = Math.max(...labels.map((label) => label.length));
  const rows = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = matrix.flatMap((row, actual) =>
    row.map((count, predicted) => ({
      count,
      actual: labels[actual]!,
      predicted: labels[predicted]!,
      right: actual === predicted,
      strength: actual === predicted ? share(count, rows[actual]!) : logShare(count, rows[actual]!),
    })),
  );
  const at = { x: "predicted", y: "actual" };
  return draw(title, {
    height: 484,
    marginLeft: 44 + 6 * Math.max(0, longest - 2), // names of classes need room
    marginBottom: longest > 3 ? 76 : 44,
    padding: 0.06,
    x: {
      label: "predicted class",
      labelAnchor: "right",
      domain: labels,
      tickSize: 0,
      tickRotate: longest > 3 ? -35 : 0,
    },
    y: { label: "true class", domain: labels, tickSize: 0 },
    marks: [
      Plot.cell(cells, { ...at, rx: 2, fill: (cell) => heat(cell.right, cell.strength) }),
      Plot.text(cells, {
        ...at,
        text: ({ count }) => (count === 0 ? "" : String(count)),
        fill: (cell) => (cell.strength > 0.55 ? color("panel") : color("ink")),
        fontSize: 11,
        fontVariant: "tabular-nums",
      }),
    ],
  });
}

function heat(right: boolean, strength: number): string {
  return mix(color(right ? "blue" : "orange"), mix(color("line"), color("panel"), 0.35), 0.95 * strength);
}

function share(count: number, total: number): number {
  return total === 0 ? 0 : count / total;
}

/** 0 for none, 0.15 for a single mistake, 1 when the whole row went astray. */
function logShare(count: number, total: number): number {
  if (count === 0) return 0;
  return total <= 1 ? 1 : 0.15 + 0.85 * (Math.log(count) / Math.log(total));
}
