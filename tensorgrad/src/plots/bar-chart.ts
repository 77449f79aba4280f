import * as Plot from "@observablehq/plot";
import { checked, expectArgument, extentOf } from "../00-runtime/index.ts";
import { draw } from "./draw.ts";
import { expectObjects } from "./expect.ts";
import { color } from "./theme.ts";

/** One bar, its value written at its end; `strong` ones are what the chart is about. */
export interface Bar {
  name: string;
  value: number;
  strong?: boolean;
}

export interface BarChartOptions {
  title: string;
  /** What the bars measure, with its unit: "GFLOP/s". */
  x: string;
  /**
   * A logarithmic axis, for values that lie decades apart. It has no zero that a bar could begin at: each value is
   * a dot.
   */
  log?: boolean;
  /** Pixels kept for the names. */
  marginLeft?: number;
}

/** Horizontal bars in the order given, the first on top; dots on a logarithmic axis. */
export function barChart(bars: readonly Bar[], options: BarChartOptions): string {
  const {
    title,
    x,
    log = false,
    marginLeft = 150,
  } = checked("barChart", options, ["title", "x", "log", "marginLeft"]);
  expectObjects("barChart", bars, "bars");
  for (const { value } of bars)
    expectArgument(typeof value === "number", "barChart", "bars’ value", value, "a number");
  if (bars.length === 0) throw new RangeError(`barChart "${title}": no bars`);
  const low = log ? bars.find(({ value }) => !(value > 0)) : undefined;
  if (low !== undefined)
    throw new RangeError(
      `barChart "${title}": ${low.value} of ${low.name} on a logarithmic axis — it shows positive numbers only; leave out log: true`,
    );
  const values = bars.map(({ value }) => value);
  const [least, greatest] = extentOf(values);
  const start = log ? least / 2 : 0;
  return draw(title, {
    height: 110 + 26 * bars.length,
    marginLeft,
    marginRight: 52, // the value of the longest bar
    x: {
      label: x,
      labelAnchor: "right",
      type: log ? "log" : "linear",
      domain: [start, greatest],
      ticks: 4,
      tickFormat: "~s",
    },
    y: { label: null, domain: bars.map(({ name }) => name), tickSize: 0, padding: 0.25 },
    marks: [
      ...marksOf(bars, log, start),
      Plot.text(bars, {
        x: "value",
        y: "name",
        text: ({ value }: Bar) => String(Number(value.toPrecision(3))),
        textAnchor: "start",
        dx: log ? 9 : 5,
        fill: color("ink"),
      }),
    ],
  });
}

function marksOf(bars: readonly Bar[], log: boolean, start: number): Plot.Markish[] {
  const fill = ({ strong }: Bar) => color(strong ? "orange" : "blue");
  if (!log) return [Plot.barX(bars, { x1: start, x2: "value", y: "name", fill })];
  return [
    Plot.gridY({ stroke: color("line"), strokeOpacity: 1 }),
    Plot.dot(bars, { x: "value", y: "name", r: 5, fill }),
  ];
}
