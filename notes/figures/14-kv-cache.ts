import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Point {
  readonly length: number;
  readonly cachedMs: number;
  readonly plainMs: number;
}
const { lengths } = readLog<{ readonly lengths: { readonly points: readonly Point[] } }>("14-kv-cache");

/** Time of generating so many tokens. */
function time(): string {
  const line = (name: string, of: (point: Point) => number) => ({
    name,
    points: lengths.points.map((point) => [point.length, of(point)] as const),
  });
  return lineChart(
    [line("with cache", ({ cachedMs }) => cachedMs), line("without", ({ plainMs }) => plainMs)],
    { title: "Generating with and without a cache", x: "tokens", y: "ms" },
  );
}

export const figures = { time };
