import * as Plot from "@observablehq/plot";
import { draw, verticalLabel } from "../../examples/lib/plots/draw.ts";
import { barChart } from "../../examples/lib/plots.ts";
import { color } from "../../examples/lib/theme.ts";
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

/** Points whose names would leave the picture on the right, or meet another's. */
const LEFT = (name: string): boolean => ["exp", "matmul 256", "matmul 1024"].includes(name);

const labels = (
  points: readonly Point[],
  which: (name: string) => boolean,
  textAnchor: "start" | "end",
  dx: number,
) => [
  Plot.text(
    points.filter(({ name }) => which(name)),
    { x: "intensity", y: "gflops", text: "name", textAnchor, dx, dy: 4, fill: color("ink") },
  ),
];

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
      Plot.text(roofs, {
        x: ({ gbPerSecond }) => (0.42 * peak) / gbPerSecond,
        y: peak / 2,
        text: ({ name, gbPerSecond }) => `${name}, ${Math.round(gbPerSecond)} GB/s`,
        textAnchor: "end",
        fill: color("muted"),
      }),
      Plot.text([`micro-kernel, ${Math.round(peak)} GFLOP/s`], {
        ...{ x: right, y: peak * 1.2, textAnchor: "end", fill: color("muted") },
      }),
      Plot.dot(points, { x: "intensity", y: "gflops", r: 4, fill: color("orange") }),
      ...labels(points, LEFT, "end", -8),
      ...labels(points, (name) => !LEFT(name), "start", 8),
    ],
  });
}

export const figures = { ladder, tiles, roofline };
