import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Step {
  readonly numLayers: number;
  readonly activationBytes: number;
  readonly peakBytes: number;
}
const { depth } = readLog<{ readonly depth: readonly Step[] }>("13-transformers");

/** Memory of a training step by depth. */
function memory(): string {
  const line = (name: string, of: (step: Step) => number) => ({
    name,
    points: depth.map((step) => [step.numLayers, of(step) / 2 ** 20] as const),
  });
  return lineChart(
    [
      line("kept for backward", (step) => step.activationBytes),
      line("at the peak", (step) => step.peakBytes),
    ],
    { title: "A training step: 4 × 128 characters, width 128", x: "layers", y: "MiB" },
  );
}

export const figures = { memory };
