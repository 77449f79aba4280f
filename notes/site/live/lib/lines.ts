import { drawing } from "./elements.ts";
import { shown } from "./numbers.ts";

/** A small line chart, drawn for the width that there is: letters keep their size, and names stand at their lines. */

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly color: "blue" | "orange" | "ink" | "muted";
  readonly dashed?: boolean;
  /** Only dots, without a line between them. */
  readonly dots?: boolean;
}

export interface LinesOptions {
  readonly width: number;
  readonly height?: number;
  /** The text alternative: what one sees, in words. */
  readonly alt: string;
  readonly x: string;
  readonly y: string;
  readonly log?: "none" | "x" | "y" | "both";
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  /** A vertical line. */
  readonly at?: number | null;
  /** Room on the right for the names at the lines. */
  readonly names?: number;
}

const MARGIN = { top: 26, bottom: 40, left: 46 };

export function lines(list: readonly Line[], options: LinesOptions): SVGSVGElement {
  const { width, height = 300, alt, log = "none", names = 92 } = options;
  const shownPoints = list.map((line) => ({
    ...line,
    points: line.points.filter(([x, y]) => usable(x, isLog(log, "x")) && usable(y, isLog(log, "y"))),
  }));
  const all = shownPoints.flatMap(({ points }) => points);
  const sx = scale(
    options.xRange ?? range(all.map(([x]) => x)),
    [MARGIN.left, width - names],
    isLog(log, "x"),
  );
  const sy = scale(
    options.yRange ?? range(all.map(([, y]) => y)),
    [height - MARGIN.bottom, MARGIN.top],
    isLog(log, "y"),
  );
  return drawing(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt, class: "lines" },
    ...axes(sx, sy, options, width - names, height),
    ...shownPoints.map((line) => trace(line, sx, sy)),
    ...(typeof options.at === "number" ? [marker(sx.at(options.at), height)] : []),
    ...endNames(shownPoints, sx, sy, width),
  );
}

const isLog = (log: string, axis: "x" | "y"): boolean => log === axis || log === "both";
const usable = (value: number, log: boolean): boolean => Number.isFinite(value) && (!log || value > 0);

function range(values: readonly number[]): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(least <= most)) return [0.1, 1];
  return least === most ? [least - 0.5, most + 0.5] : [least, most];
}

export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From numbers to pixels, with round numbers for an axis. */
export function scale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
  log = false,
): Scale {
  const position = log ? Math.log10 : (value: number) => value;
  const [a, b] = [position(log ? Math.max(from, 1e-300) : from), position(log ? Math.max(to, 1e-300) : to)];
  const at = (value: number) => start + ((position(value) - a) / (b - a || 1)) * (end - start);
  const room = Math.abs(end - start);
  // Within two decades powers of ten are too few to read anything from.
  return { at, ticks: log && b - a >= 2 ? decades(a, b, room) : rounds(from, to, room) };
}

function decades(a: number, b: number, room: number): number[] {
  const step = Math.max(1, Math.ceil((b - a) / Math.max(2, room / 58)));
  const first = Math.ceil(a / step - 1e-9) * step;
  return Array.from(
    { length: Math.max(0, Math.floor((b - first) / step + 1e-9) + 1) },
    (_, i) => 10 ** (first + i * step),
  );
}

function rounds(a: number, b: number, room: number): number[] {
  const rough = (b - a) / Math.max(2, room / 62);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  const first = Math.ceil(a / step - 1e-9);
  return Array.from({ length: Math.floor(b / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

const tickText = (value: number, log: boolean): string => {
  if (!log || (value >= 0.01 && value < 10_000)) return shown(value);
  return `10${String(Math.round(Math.log10(value))).replace(/[-\d]/g, (c) => SUPERSCRIPT[c])}`;
};
const SUPERSCRIPT: Readonly<Record<string, string>> = Object.fromEntries(
  [..."-0123456789"].map((c, i) => [c, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"][i]]),
);

function axes(
  sx: Scale,
  sy: Scale,
  { x, y, log = "none" }: LinesOptions,
  right: number,
  height: number,
): SVGElement[] {
  const bottom = height - MARGIN.bottom;
  return [
    ...sy.ticks.flatMap((tick) => [
      drawing("line", { x1: MARGIN.left, x2: right, y1: sy.at(tick), y2: sy.at(tick), class: "grid" }),
      drawing(
        "text",
        { x: MARGIN.left - 7, y: sy.at(tick) + 4, "text-anchor": "end", class: "tick" },
        tickText(tick, isLog(log, "y")),
      ),
    ]),
    ...sx.ticks.map((tick) =>
      drawing(
        "text",
        { x: sx.at(tick), y: bottom + 17, "text-anchor": "middle", class: "tick" },
        tickText(tick, isLog(log, "x")),
      ),
    ),
    drawing("line", { x1: MARGIN.left, x2: right, y1: bottom, y2: bottom, class: "axis" }),
    drawing("text", { x: right, y: bottom + 34, "text-anchor": "end", class: "tick" }, `${x} →`),
    drawing("text", { x: 2, y: 13, class: "tick" }, `↑ ${y}`),
  ];
}

function trace({ points, color, dashed, dots }: Line, sx: Scale, sy: Scale): SVGElement {
  const at = points.map(([x, y]) => [sx.at(x).toFixed(1), sy.at(y).toFixed(1)]);
  if (dots)
    return drawing(
      "g",
      { class: `dots ${color}` },
      ...at.map(([cx, cy]) => drawing("circle", { cx, cy, r: 2.2 })),
    );
  return drawing("path", {
    d: at.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join(""),
    class: `line ${color}`,
    "stroke-dasharray": dashed ? "5 4" : null,
  });
}

const marker = (x: number, height: number): SVGElement =>
  drawing("line", { x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom, class: "marker" });

const LETTER = 7;

/** Names beside the last points: on the right, or on the left where there is no room; moved apart where lines end together. */
function endNames(list: readonly Line[], sx: Scale, sy: Scale, width: number): SVGElement[] {
  const ends = list
    .filter(({ name, points }) => name && points.length > 0)
    .map(({ name, color, points }) => {
      const [x, y] = points[points.length - 1];
      const fits = sx.at(x) + 7 + LETTER * name.length <= width;
      return { name, color, fits, x: sx.at(x) + (fits ? 7 : -7), y: sy.at(y) + 4 };
    })
    .sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 15);
  return ends.map(({ name, color, fits, x, y }) =>
    drawing("text", { x, y, class: `endname ${color}`, "text-anchor": fits ? null : "end" }, name),
  );
}
