import * as Plot from "@observablehq/plot";
import { checked, expectArgument, extentOf } from "../00-runtime/index.ts";
import { draw, verticalLabel } from "./draw.ts";
import { expectObjects } from "./expect.ts";
import { color, mix } from "./theme.ts";

/** A labelled point of the plane; class 1 is where a prediction should be near 1. */
export interface LabelledPoint {
  x: number;
  y: number;
  label: 0 | 1;
}

/** Colours between 0 and 1. */
const BANDS = 20;

/**
 * What a classifier of the plane says everywhere: orange towards class 1, blue towards class 0, a line at
 * ½, and the labelled points on top.
 */
export function decisionBoundary(
  predict: (x: number, y: number) => number,
  points: readonly LabelledPoint[],
  options: { readonly title?: string; readonly x?: string; readonly y?: string } = {},
): string {
  const {
    title = "Decision boundary",
    x = "x₁",
    y = "x₂",
  } = checked("decisionBoundary", options, ["title", "x", "y"]);
  expectArgument(
    typeof predict === "function",
    "decisionBoundary",
    "predict",
    predict,
    "a function of x and y",
  );
  expectObjects("decisionBoundary", points, "points");
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

/** The colour of the band of predictions from t to t + 1 / BANDS: blue at 0, the panel at ½, orange at 1. */
function diverging(t: number): string {
  const middle = t + 0.5 / BANDS;
  return mix(color(middle < 0.5 ? "blue" : "orange"), color("panel"), 0.85 * Math.abs(2 * middle - 1));
}

/** The range of the values with a third of it as air on both sides. */
function widened(values: readonly number[]): [number, number] {
  const [low, high] = extentOf(values);
  const air = (high - low || 1) / 3;
  return [low - air, high + air];
}
