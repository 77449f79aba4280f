import * as Plot from "@observablehq/plot";
import { checked } from "../00-runtime/index.ts";
import { draw, verticalLabel } from "./draw.ts";
import { color } from "./theme.ts";

/** What was measured of one piece of work. */
export interface RooflinePoint {
  readonly name: string;
  /** Floating-point operations for each byte that is moved. */
  readonly intensity: number;
  /** GFLOP/s. */
  readonly rate: number;
  /** Of the time, from 0 to 1: how large the point is, and whether it has its name beside it. */
  readonly share?: number;
}

/** Options of `roofline`. */
export interface RooflineOptions {
  readonly title: string;
  /** The ceilings: of memory and of arithmetic. */
  readonly gbPerSecond: number;
  readonly gflops: number;
}

const LABELLED = 6;
/** Pixels, nearly. A name that would lie on that of a larger share is left to the point's title. */
const [LETTER, LABEL_HEIGHT] = [6.5, 15];

/** Rates over arithmetic intensity, below the roof that memory (the slope) and arithmetic (the flat part) make. */
export function roofline(points: readonly RooflinePoint[], options: RooflineOptions): string {
  const { title, gbPerSecond, gflops } = checked("roofline", options, ["title", "gbPerSecond", "gflops"]);
  if (!(gbPerSecond > 0 && gflops > 0))
    throw new RangeError(
      `roofline "${title}": ceilings of ${gbPerSecond} GB/s and ${gflops} GFLOP/s — both are above 0`,
    );
  const shown = points.filter(({ intensity, rate }) => intensity > 0 && rate > 0);
  const ridge = gflops / gbPerSecond;
  const left = shown.reduce((least, { intensity }) => Math.min(least, intensity), ridge / 20) / 1.5;
  const right = shown.reduce((most, { intensity }) => Math.max(most, intensity), ridge * 20) * 1.5;
  const top = shown.reduce((most, { rate }) => Math.max(most, rate), gflops) * 1.6;
  const bottom = shown.reduce((least, { rate }) => Math.min(least, rate), left * gbPerSecond) / 1.5;
  const roof = [
    [left, left * gbPerSecond],
    [ridge, gflops],
    [right, gflops],
  ];
  const across = ({ intensity }: RooflinePoint) =>
    (640 * Math.log(intensity / left)) / Math.log(right / left);
  const down = ({ rate }: RooflinePoint) => (400 * Math.log(top / rate)) / Math.log(top / bottom);
  const apart = (a: RooflinePoint, b: RooflinePoint) =>
    Math.abs(down(a) - down(b)) > LABEL_HEIGHT ||
    Math.abs(across(a) - across(b)) > LETTER * Math.max(a.name.length, b.name.length);
  const named: RooflinePoint[] = [];
  for (const point of [...shown].sort((a, b) => (b.share ?? 1) - (a.share ?? 1)))
    if (named.length < LABELLED && named.every((other) => apart(other, point))) named.push(point);
  const label = (text: string, options: Plot.TextOptions): Plot.Markish =>
    Plot.text([text], { fill: color("muted"), ...options });
  return draw(title, {
    width: 640,
    height: 400,
    x: {
      label: "flops a byte",
      labelAnchor: "right",
      type: "log",
      domain: [left, right],
      ticks: 5,
      tickFormat: ".1~f",
    },
    y: { label: null, type: "log", domain: [bottom, top], ticks: 5, tickFormat: "~g" },
    marks: [
      verticalLabel("GFLOP/s"),
      Plot.line(roof, { stroke: color("muted"), strokeWidth: 1.5 }),
      label(`memory, ${Number(gbPerSecond.toPrecision(3))} GB/s`, {
        x: left,
        y: left * gbPerSecond,
        dx: 30,
        dy: 14,
        textAnchor: "start",
      }),
      label(`arithmetic, ${Number(gflops.toPrecision(3))} GFLOP/s`, {
        x: ridge,
        y: gflops,
        dx: -8,
        dy: -9,
        textAnchor: "end",
      }),
      Plot.dot(shown, {
        x: "intensity",
        y: "rate",
        r: ({ share = 0.1 }: RooflinePoint) => 3 + 9 * Math.sqrt(share),
        fill: color("orange"),
        fillOpacity: 0.6,
        title: ({ name, intensity, rate }: RooflinePoint) =>
          `${name}: ${Number(rate.toPrecision(3))} GFLOP/s at ${Number(intensity.toPrecision(3))} flops a byte`,
      }),
      names(
        named.filter(({ intensity }) => intensity <= 4 * ridge),
        "start",
      ),
      names(
        named.filter(({ intensity }) => intensity > 4 * ridge),
        "end",
      ),
    ],
  });
}

const names = (points: readonly RooflinePoint[], textAnchor: "start" | "end"): Plot.Markish =>
  Plot.text(points, {
    x: "intensity",
    y: "rate",
    text: "name",
    dy: 14,
    fontSize: 11,
    textAnchor,
    fill: color("ink"),
  });
