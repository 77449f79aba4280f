import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Point {
  readonly depth: number;
  readonly error: number;
}
const { depths } = readLog<{ readonly depths: { readonly points: readonly Point[] } }>("17-quantization");

/** The error after so many quantized layers. */
function depth(): string {
  const points = depths.points.map(({ depth, error }) => [depth, 100 * error] as const);
  return lineChart([{ name: "error", points }], {
    log: true,
    logX: true,
    title: "Errors of rounding grow slowly with depth",
    x: "layers",
    y: "relative error, %",
  });
}

export const figures = { depth };
