import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Point {
  readonly sparsity: number;
  readonly model: number;
  readonly layer: number;
}
const { unstructured } = readLog<{ readonly unstructured: readonly Point[] }>("18-compression");

/** Accuracy after single weights have left. */
function sparsity(): string {
  const line = (name: string, of: (point: Point) => number) => ({
    name,
    points: unstructured.map((point) => [100 * point.sparsity, 100 * of(point)] as const),
  });
  return lineChart(
    [line("weights of the whole model", ({ model }) => model), line("of each layer", ({ layer }) => layer)],
    { title: "Removing the smallest weights", x: "removed, %", y: "test accuracy, %" },
  );
}

export const figures = { sparsity };
