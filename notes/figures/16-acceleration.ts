import * as Plot from "@observablehq/plot";
import { barChart, color, draw, verticalLabel } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

interface Ladder {
  bySize: ({ n: number } & Record<string, number | null>)[];
  copies: { bytes: number; gbPerSecond: number }[];
}
interface Tiles {
  fused: { shape: string; unroll1: number }[];
  separate: { shape: string; unroll1: number }[];
}
interface Roofline {
  points: { name: string; intensity: number; gflops: number }[];
}

/** Names of the rungs, from the ground up. */
const RUNGS: readonly (readonly [key: string, name: string])[] = [
  ["naive", "definition, i j p"],
  ["reordered", "loops i p j"],
  ["blocked", "blocks, four rows"],
  ["unpacked", "SIMD tile"],
  ["packed", "packed panels"],
  ["relaxed", "fused multiply-add"],
  ["library", "through the library"],
  ["threads2", "two threads"],
  ["blas", "system BLAS"],
];

/** One product of 512 × 512 matrices on every rung. */
function ladder(): string {
  const at = readLog<Ladder>("ladder").bySize.find(({ n }) => n === 512);
  const bars = RUNGS.flatMap(([key, name]) => {
    const value = at?.[key];
    return value ? [{ name, value, strong: key === "library" }] : [];
  });
  return barChart(bars, { title: "matmul, n = 512", x: "GFLOP/s", log: true, marginLeft: 130 });
}

/** The rate of each shape of the tile, without unrolling. */
function tiles(): string {
  const { fused } = readLog<Tiles>("tiles");
  const bars = fused.map(({ shape, unroll1 }) => ({
    name: shape.replace("x", " × "),
    value: unroll1,
    strong: shape === "2x4",
  }));
  return barChart(bars, { title: "Micro-kernel in L1, by shape of its tile", x: "GFLOP/s", marginLeft: 60 });
}

type Point = Roofline["points"][number];

/** Where a point's name stands, so that it meets neither another's nor the frame. */
function place(name: string): { textAnchor: "start" | "middle" | "end"; dx: number; dy: number } {
  if (/matmul (64|256|1024)/.test(name))
    return { textAnchor: "middle", dx: name.endsWith("1024") ? -14 : 0, dy: name.endsWith("256") ? 30 : 16 };
  if (name === "softmax") return { textAnchor: "middle", dx: 0, dy: 18 };
  return name === "exp" ? { textAnchor: "end", dx: -8, dy: 4 } : { textAnchor: "start", dx: 8, dy: 4 };
}

const labels = (points: readonly Point[]) =>
  points.map((point) =>
    Plot.text([point], {
      x: "intensity",
      y: "gflops",
      text: "name",
      fill: color("ink"),
      ...place(point.name),
    }),
  );

/** Rates over arithmetic intensity, below the roofs of memory and of the processor. */
function roofline(): string {
  const { points } = readLog<Roofline>("16-acceleration");
  const peak = Math.max(...readLog<Tiles>("tiles").fused.map(({ unroll1 }) => unroll1));
  const { copies } = readLog<Ladder>("ladder");
  const roofs = [
    { name: "memory", gbPerSecond: copies[copies.length - 1].gbPerSecond },
    { name: "L2", gbPerSecond: copies[1].gbPerSecond },
  ];
  const [left, right] = [0.06, 250];
  const slanted = roofs.map(({ gbPerSecond }) => [
    [left, left * gbPerSecond],
    [peak / gbPerSecond, peak],
  ]);
  return draw("Under the roof", {
    height: 400,
    x: {
      label: "operations per byte",
      labelAnchor: "right",
      type: "log",
      domain: [left, right],
      ticks: 4,
      tickFormat: ".1~f",
    },
    y: { label: null, type: "log", domain: [0.3, peak * 1.5], ticks: 5 },
    marks: [
      verticalLabel("GFLOP/s"),
      ...slanted.map((line) => Plot.line(line, { stroke: color("muted"), strokeWidth: 1.5 })),
      Plot.line(
        [
          [peak / roofs[1].gbPerSecond, peak],
          [right, peak],
        ],
        { stroke: color("muted"), strokeWidth: 1.5 },
      ),
      ...roofs.map(({ name, gbPerSecond }, i) =>
        Plot.text([`${name}, ${Math.round(gbPerSecond)} GB/s`], {
          ...(i === 0
            ? { x: 1.7 / gbPerSecond, y: 1.4, textAnchor: "start" as const }
            : { x: (0.42 * peak) / gbPerSecond, y: peak / 2, textAnchor: "end" as const }),
          fill: color("muted"),
        }),
      ),
      Plot.text([`micro-kernel, ${Math.round(peak)} GFLOP/s`], {
        ...{ x: right, y: peak * 1.2, textAnchor: "end", fill: color("muted") },
      }),
      Plot.dot(points, { x: "intensity", y: "gflops", r: 4, fill: color("orange") }),
      ...labels(points),
    ],
  });
}

export const figures = { ladder, tiles, roofline };
