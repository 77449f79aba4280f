import * as Plot from "@observablehq/plot";
import { checked, extentOf } from "../00-runtime/index.ts";
import { draw, MARGIN, verticalLabel } from "./draw.ts";
import { atEnds, placeFor } from "./end-labels.ts";
import { expectLists } from "./expect.ts";
import { color } from "./theme.ts";

/** One line of a chart; `faint` draws it in the background (raw values behind a smoothed line). */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  faint?: boolean;
  /** Each value holds until the next point: drawn as a step, not as a slope. */
  step?: boolean;
}

/** Options of `lineChart`. */
export interface LineChartOptions {
  title: string;
  /** Axis labels with their units: "step", "loss (nats)". */
  x: string;
  y: string;
  /** A logarithmic y axis; values ≤ 0 are left out. */
  log?: boolean;
  /** A logarithmic x axis; points at x ≤ 0 are left out. */
  logX?: boolean;
  /** Pixels, before the page scales the drawing. */
  height?: number;
}

/** A series with its colour and only the points that can be drawn. */
interface Line extends Series {
  stroke: string;
}

const palette = [color("blue"), color("orange"), color("ink"), color("muted")];

/** Lines over a common x, each named in its own colour beside its end. */
export function lineChart(series: readonly Series[], options: LineChartOptions): string {
  const {
    title,
    x,
    y,
    log = false,
    logX = false,
    height = 300,
  } = checked("lineChart", options, ["title", "x", "y", "log", "logX", "height"]);
  expectLists("lineChart", series, "series", "points");
  const lines = drawable(series, log, logX);
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) {
    throw new RangeError(`lineChart "${title}": no finite point in ${series.length} series`);
  }
  const values = points.map(([, value]) => value);
  const [low, high] = extentOf(values);
  const ticks = log ? decades(low, high) : 5;
  const positions = [...new Set(points.map(([position]) => position))];
  // From zero, unless that would flatten the lines or the axis has no zero.
  const domain = [low < high / 2 && !log ? Math.min(0, low) : low, high] as const;
  const named = lines.length > 1 ? lines : []; // a single line has its name on the y axis
  return draw(title, {
    height,
    marginRight: Math.max(MARGIN.marginRight, placeFor(named)),
    x: {
      label: x,
      labelAnchor: "right",
      type: logX ? "log" : "linear",
      ticks: positions.length <= 10 ? positions : 6, // a tick for each epoch, but not for each step
      tickFormat: "~s",
      axis: logX ? null : "bottom",
      insetRight: 6,
    },
    y: {
      label: null,
      type: log ? "log" : "linear",
      domain,
      ticks,
      tickFormat: (value: number) =>
        (value !== 0 && Math.abs(value) < 1e-3) || Math.abs(value) >= 1e5
          ? value.toExponential(0).replace("+", "")
          : String(Number(value.toPrecision(3))),
    },
    marks: [
      verticalLabel(y),
      Plot.gridY({ ticks, stroke: color("line"), strokeOpacity: 1 }),
      ...(logX ? [logarithmicAxis(x, positions)] : []),
      ...marksOf(lines),
      ...atEnds(named, { domain, log, height }),
    ],
  });
}

function drawable(series: readonly Series[], log: boolean, logX: boolean): Line[] {
  const strong = series.filter((line) => !line.faint);
  return series.map((line) => ({
    ...line,
    stroke: line.faint ? color("muted") : palette[strong.indexOf(line) % palette.length]!,
    points: line.points.filter(
      ([position, value]) => Number.isFinite(value) && (!log || value > 0) && (!logX || position > 0),
    ),
  }));
}

function marksOf(lines: readonly Line[]): Plot.Markish[] {
  return [
    ...lines.map(({ points, stroke, faint, step }) =>
      Plot.line(points, {
        stroke,
        strokeWidth: faint ? 1 : 2,
        strokeOpacity: faint ? 0.4 : 1,
        curve: step ? "step-after" : "linear",
      }),
    ),
    // A handful of points (one per epoch) are shown as such.
    ...lines.map(({ points, stroke }) => Plot.dot(points.length <= 30 ? points : [], { r: 3, fill: stroke })),
  ];
}

/** Round labels for a logarithmic axis: 0.1, 0.2, 0.5, 1 on a short one, 0.1, 0.3, 1 or powers of ten on longer ones. */
function decades(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const length = Math.log10(high / low);
  const digits = length > 4 ? [1] : length > 1.5 ? [1, 3] : [1, 2, 5];
  const every = Math.max(1, Math.ceil(length / 7)); // of many decades, every second or third
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    .filter((exponent) => exponent % every === 0)
    .flatMap((exponent) => digits.map((digit) => digit * 10 ** exponent))
    .filter((tick) => tick >= low && tick <= high);
}

/** With a label at each measured point where they are few: d3 labels little but the powers of ten. */
function logarithmicAxis(label: string, positions: readonly number[]): Plot.Markish {
  const ticks = positions.length <= 8 ? positions : decades(...extentOf(positions));
  return Plot.axisX(ticks, { label, labelAnchor: "right", text: compact });
}

/** 2048 as it is, 65,536 as 66K, a million as 1M. */
const compact = (value: number): string =>
  Intl.NumberFormat("en", {
    notation: value < 10_000 ? "standard" : "compact",
    useGrouping: false,
    maximumSignificantDigits: 4,
  }).format(value);
