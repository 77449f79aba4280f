import * as Plot from "@observablehq/plot";
import { checked } from "../00-runtime/index.ts";
import { draw, verticalLabel } from "./draw.ts";
import { expectObjects } from "./expect.ts";
import { shortNumber } from "./format.ts";
import { color } from "./theme.ts";

/** A named point; `low` and `high` are the ends of its interval on the y axis, where there is one. */
export interface ScatterPoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
  /** On the front: nothing beats it. */
  readonly front?: boolean;
}

/** Options of `scatter`. */
export interface ScatterOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
}

/** Named points, with a line through those of the front. */
export function scatter(points: readonly ScatterPoint[], options: ScatterOptions): string {
  const {
    title,
    x,
    y,
    logX = false,
    logY = false,
  } = checked("scatter", options, ["title", "x", "y", "logX", "logY"]);
  expectObjects("scatter", points, "points");
  const shown = points.filter(
    (one) => [one.x, one.y].every(Number.isFinite) && (!logX || one.x > 0) && (!logY || one.y > 0),
  );
  if (shown.length === 0) throw new RangeError(`scatter "${title}": no finite point among ${points.length}`);
  const front = shown.filter((one) => one.front).sort((a, b) => a.x - b.x);
  const ranges = shown.filter((one) => one.low !== undefined && one.high !== undefined);
  return draw(title, {
    x: {
      label: x,
      labelAnchor: "right",
      type: logX ? "log" : "linear",
      ticks: 5,
      tickFormat: shortNumber,
      nice: true,
      insetLeft: 30,
      insetRight: 30,
    },
    y: {
      label: null,
      type: logY ? "log" : "linear",
      ticks: 5,
      tickFormat: shortNumber,
      nice: true,
      insetTop: 16,
      insetBottom: 12,
    },
    height: 300,
    marks: [
      verticalLabel(y),
      Plot.line(front, { x: "x", y: "y", stroke: color("orange"), strokeDasharray: "3 3" }),
      Plot.ruleX(ranges, { x: "x", y1: "low", y2: "high", stroke: color("muted") }),
      Plot.dot(shown, {
        x: "x",
        y: "y",
        r: 4,
        fill: ({ front }: ScatterPoint) => color(front ? "orange" : "blue"),
      }),
      ...names(shown),
    ],
  });
}

/** Above one point and below the next one to its right, so that neighbours do not write over each other. */
function names(points: readonly ScatterPoint[]): Plot.Markish[] {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const every = (first: number, dy: number) =>
    Plot.text(
      sorted.filter((_, i) => i % 2 === first),
      { x: "x", y: "y", text: "name", dy, fill: color("ink") },
    );
  return [every(0, -11), every(1, 14)];
}
