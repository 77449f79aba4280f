import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Log {
  readonly distances: readonly {
    readonly distance: number;
    readonly sines: number;
    readonly rotary: number;
  }[];
  readonly widths: { readonly points: readonly { readonly embedDim: number; readonly loss: number }[] };
}
const log = readLog<Log>("11-embeddings");

/** What positions make of the product of two equal vectors. */
function distance(): string {
  const line = (kind: "sines" | "rotary") => log.distances.map((row) => [row.distance, row[kind]] as const);
  const series = [
    { name: "sines", points: line("sines") },
    { name: "rotary", points: line("rotary") },
  ];
  return lineChart(series, {
    title: "How alike two positions look",
    x: "distance",
    y: "product, 1 at distance 0",
  });
}

/** Loss of small models that differ in width alone. */
function widths(): string {
  const points = log.widths.points.map(({ embedDim, loss }) => [embedDim, loss] as const);
  const title = "Loss against width, unseen text";
  return lineChart([{ name: "two layers", points }], {
    title,
    x: "width",
    y: "nats per character",
    logX: true,
  });
}

export const figures = { distance, widths };
