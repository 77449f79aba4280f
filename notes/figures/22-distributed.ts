import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Scaled {
  readonly ranks: number;
  readonly strong: number;
  readonly weak: number;
}
const { onPaper } = readLog<{ readonly onPaper: readonly Scaled[] }>("22-distributed");

/** How much faster so many machines would be. */
function scaling(): string {
  const line = (name: string, of: (point: Scaled) => number) => ({
    name,
    points: onPaper.map((point) => [point.ranks, of(point)] as const),
  });
  const lines = [
    line("as fast as they are many", ({ ranks }) => ranks),
    line("each with a batch of its own", ({ weak }) => weak),
    line("one batch divided", ({ strong }) => strong),
  ];
  return lineChart(lines, {
    title: "Machines in a network, on paper",
    x: "machines",
    y: "times as fast as one",
    log: true,
    logX: true,
  });
}

export const figures = { scaling };
