import * as Plot from "@observablehq/plot";
import { Window } from "happy-dom";
import { inkImage } from "./png.ts";
import { color, mix } from "./theme.ts";

/** One line of a chart; `faint` draws it in the background (raw values behind a smoothed line). */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  faint?: boolean;
}

export interface LineChartOptions {
  title: string;
  /** Axis labels with their units: "step", "loss (nats)". */
  x: string;
  y: string;
  /** A logarithmic y axis; values ≤ 0 are left out. */
  log?: boolean;
  /** Pixels, before the page scales the drawing. */
  height?: number;
}

/** A labelled point of the plane; class 1 is where a prediction should be near 1. */
export interface LabelledPoint {
  x: number;
  y: number;
  label: 0 | 1;
}

const WIDTH = 460;
const MARGIN = { marginTop: 58, marginRight: 14, marginBottom: 40, marginLeft: 52 };
const BANDS = 20;
const palette = [color("blue"), color("orange"), color("muted")];

/** Lines over a common x, named in their own colour in the emptier corner. */
export function lineChart(
  series: readonly Series[],
  { title, x, y, log = false, height = 300 }: LineChartOptions,
): string {
  const strong = series.filter((line) => !line.faint);
  const visible = series.map((line) => ({
    ...line,
    stroke: line.faint ? color("muted") : palette[strong.indexOf(line) % palette.length]!,
    points: line.points.filter(([, value]) => Number.isFinite(value) && (!log || value > 0)),
  }));
  const shown = visible.flatMap((line) => line.points.map(([, value]) => value));
  if (shown.length === 0)
    throw new RangeError(`lineChart "${title}": no finite point in ${series.length} series`);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const xs = [...new Set(visible.flatMap((line) => line.points.map(([position]) => position)))];
  const falling = visible.every(({ points }) => points.length === 0 || points.at(-1)![1] <= points[0]![1]);
  return draw(title, {
    height,
    // Few positions, such as epochs, get a tick each.
    x: { label: x, labelAnchor: "right", ticks: xs.length <= 10 ? xs : 6, tickFormat: "~s", insetRight: 6 },
    // The y axis starts at zero, unless that would flatten the lines or it is logarithmic.
    y: {
      label: null,
      type: log ? "log" : "linear",
      domain: [low < high / 2 && !log ? Math.min(0, low) : low, high],
    },
    marks: [
      verticalLabel(y),
      Plot.gridY({ ticks: 5, stroke: color("line"), strokeOpacity: 1 }),
      ...visible.map(({ points, stroke, faint }) =>
        Plot.line(points, { stroke, strokeWidth: faint ? 1 : 2, strokeOpacity: faint ? 0.4 : 1 }),
      ),
      // A handful of points (one per epoch) are shown as such.
      ...visible.map(({ points, stroke }) =>
        Plot.dot(points.length <= 30 ? points : [], { r: 3, fill: stroke }),
      ),
      // A single line needs no name: the y axis has it.
      ...(visible.length > 1 ? visible : []).map(({ name, stroke }, index) =>
        Plot.text([name], {
          frameAnchor: falling ? "top-right" : "bottom-right",
          dx: -6,
          dy: falling ? 4 + 17 * index : -8 - 17 * (visible.length - 1 - index),
          fill: stroke,
          fontWeight: 600,
        }),
      ),
    ],
  });
}

/**
 * What a classifier of the plane says everywhere: orange towards class 1, blue towards class 0, a line at
 * ½, and the labelled points on top.
 */
export function decisionBoundary(
  predict: (x: number, y: number) => number,
  points: readonly LabelledPoint[],
  { title = "Decision boundary", x = "x₁", y = "x₂" } = {},
): string {
  const [x1, x2] = widened(points.map((point) => point.x));
  const [y1, y2] = widened(points.map((point) => point.y));
  // Evaluated a little beyond the frame and clipped, or the ½ line would also run along the frame.
  const rim = 0.02 * (x2 - x1);
  const plane = { x1: x1 - rim, x2: x2 + rim, y1: y1 - rim, y2: y2 + rim, pixelSize: 4, clip: true };
  const range = [0, 1] as const;
  const bands = [-1, ...Array.from({ length: BANDS - 1 }, (_, i) => (i + 1) / BANDS)]; // each named by its lower end
  return draw(title, {
    width: 380,
    height: 400,
    x: { label: x, labelAnchor: "right", domain: [x1, x2], ticks: 5 },
    y: { label: null, domain: [y1, y2], ticks: 5 },
    color: { type: "linear", domain: range, range, clamp: true, interpolate: diverging },
    marks: [
      verticalLabel(y),
      Plot.contour({ ...plane, fill: predict, thresholds: bands }),
      Plot.contour({ ...plane, value: predict, stroke: color("ink"), strokeWidth: 1.5, thresholds: [0.5] }),
      ...([0, 1] as const).map((label) =>
        Plot.dot(
          points.filter((point) => point.label === label),
          {
            x: "x",
            y: "y",
            r: points.length > 50 ? 3 : 8,
            symbol: label === 1 ? "circle" : "square",
            fill: label === 1 ? color("orange") : color("blue"),
            stroke: color("panel"),
            strokeWidth: points.length > 50 ? 0.75 : 2,
          },
        ),
      ),
    ],
  });
}

/**
 * Counts by true (row) and predicted (column) class. The diagonal is blue by its share of the row; mistakes
 * are orange on a logarithmic scale, so that one in a thousand is still seen.
 */
export function confusionMatrix(
  matrix: readonly (readonly number[])[],
  labels: readonly string[],
  { title = "Confusion matrix" } = {},
): string {
  const rows = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = matrix.flatMap((row, actual) =>
    row.map((count, predicted) => ({
      count,
      actual: labels[actual]!,
      predicted: labels[predicted]!,
      right: actual === predicted,
      strength: actual === predicted ? share(count, rows[actual]!) : logShare(count, rows[actual]!),
    })),
  );
  const at = { x: "predicted", y: "actual" };
  return draw(title, {
    height: 484,
    marginLeft: 44,
    marginBottom: 44,
    padding: 0.06,
    x: { label: "predicted class", labelAnchor: "right", domain: labels, tickSize: 0 },
    y: { label: "true class", domain: labels, tickSize: 0 },
    marks: [
      Plot.cell(cells, { ...at, rx: 2, fill: (cell) => heat(cell.right, cell.strength) }),
      Plot.text(cells, {
        ...at,
        text: ({ count }) => (count === 0 ? "" : String(count)),
        fill: (cell) => (cell.strength > 0.55 ? color("panel") : color("ink")),
        fontSize: 11,
        fontVariant: "tabular-nums",
      }),
    ],
  });
}

/** Grey images, ink 0 to 1, each with its prediction below; a wrong one is framed and names the truth. */
export function digitGrid(
  images: readonly ArrayLike<number>[],
  labels: readonly number[],
  predictions: readonly number[],
  { title = "Sample digits", columns = 8, size = 28 } = {},
): string {
  const digits = images.map((image, index) => ({
    column: index % columns,
    row: Math.floor(index / columns),
    href: inkImage(image, size, size),
    wrong: labels[index] !== predictions[index],
    text:
      labels[index] === predictions[index]
        ? `${predictions[index]}`
        : `${predictions[index]}, is ${labels[index]}`,
  }));
  const rows = Math.ceil(images.length / columns);
  const at = { x: "column", y: "row" };
  const mistakes = digits.filter((digit) => digit.wrong);
  return draw(title, {
    height: 30 + 74 * rows,
    marginTop: 30,
    marginRight: 4,
    marginBottom: 4,
    marginLeft: 4,
    x: { axis: null, domain: [-0.5, columns - 0.5] },
    y: { axis: null, domain: [-0.5, rows - 0.5], reverse: true },
    marks: [
      Plot.image(digits, { ...at, src: "href", width: 44, height: 44, dy: -8, imageRendering: "pixelated" }),
      Plot.rect(mistakes, {
        x1: (digit) => digit.column - 0.47,
        x2: (digit) => digit.column + 0.47,
        y1: (digit) => digit.row - 0.47,
        y2: (digit) => digit.row + 0.47,
        stroke: color("orange"),
        strokeWidth: 1.5,
        rx: 4,
        fill: "none",
      }),
      Plot.text(digits, { ...at, text: "text", dy: 25, fontSize: 12, fill: inkOrOrange, fontWeight: 600 }),
    ],
  });
}

function inkOrOrange({ wrong }: { wrong: boolean }): string {
  return wrong ? color("orange") : color("muted");
}

/** The name of the y axis, above it; Plot's own stands where the title is. */
function verticalLabel(text: string): Plot.Text {
  return Plot.text([`\u2191 ${text}`], { frameAnchor: "top-left", dx: 4 - MARGIN.marginLeft, dy: -20 });
}

/** Draws one SVG with the common frame, type and title; `happy-dom` stands in for the browser's document. */
function draw(title: string, options: Plot.PlotOptions): string {
  const document = new Window().document as unknown as Document;
  const marks = options.marks ?? [];
  const heading = Plot.text([title], {
    frameAnchor: "top-left",
    dx: 4 - (options.marginLeft ?? MARGIN.marginLeft),
    dy: 4 - (options.marginTop ?? MARGIN.marginTop),
    fontSize: 14,
    fontWeight: 600,
    fill: color("ink"),
  });
  const svg = Plot.plot({
    document,
    width: WIDTH,
    ...MARGIN,
    style: { fontSize: "12px", color: color("muted"), background: "none", overflow: "visible" },
    // Colours here are meant literally, unless a plot brings a scale of its own.
    ...options,
    color: options.color ?? { type: "identity" },
    marks: [...marks, heading],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  // Plot counts its clip paths over the life of the process; the same drawing should be the same text.
  const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return svg.outerHTML.replace(/plot-clip-\d+/g, `clip-${slug}`);
}

/** The colour of the band of predictions from t to t + 1 / BANDS: blue at 0, the panel at ½, orange at 1. */
function diverging(t: number): string {
  const middle = t + 0.5 / BANDS;
  return mix(color(middle < 0.5 ? "blue" : "orange"), color("panel"), 0.85 * Math.abs(2 * middle - 1));
}

function heat(right: boolean, strength: number): string {
  return mix(color(right ? "blue" : "orange"), mix(color("line"), color("panel"), 0.35), 0.95 * strength);
}

function share(count: number, total: number): number {
  return total === 0 ? 0 : count / total;
}

/** 0 for none, 0.15 for a single mistake, 1 when the whole row went astray. */
function logShare(count: number, total: number): number {
  if (count === 0) return 0;
  return total <= 1 ? 1 : 0.15 + 0.85 * (Math.log(count) / Math.log(total));
}

/** The range of the values with a third of it as air on both sides. */
function widened(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low || 1) / 3;
  return [low - air, high + air];
}
