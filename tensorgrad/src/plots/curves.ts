import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { checked } from "../00-runtime/index.ts";
import { expectLists } from "./expect.ts";

/** One line of a picture; points that are not finite are left out. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Options of `curvesSvg`. */
export interface CurvesOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

/** In units of the picture, which is as large as the page wants it. */
const [WIDTH, HEIGHT] = [640, 360];
const margin = { top: 40, right: 20, bottom: 44, left: 64 } as const;
/** Told apart by most people who see colours differently (Okabe & Ito 2008). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Curves over one x axis as an SVG picture, readable on white and on dark pages. */
export function curvesSvg(curves: readonly Curve[], options: CurvesOptions): string {
  const { title, xLabel, yLabel } = checked("curvesSvg", options, ["title", "xLabel", "yLabel"]);
  expectLists("curvesSvg", curves, "curves", "points");
  const shown = curves.map(({ name, points }) => ({
    name,
    points: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
  }));
  const all = shown.flatMap(({ points }) => points);
  const x = scaleLinear(range(all.map(([at]) => at)), [margin.left, WIDTH - margin.right]);
  const y = scaleLinear(range(all.map(([, at]) => at)), [HEIGHT - margin.bottom, margin.top]).nice();
  const path = line<readonly [number, number]>(
    ([at]) => x(at),
    ([, at]) => y(at),
  ).digits(1);
  // Numbers along both axes; lines only across, where values are read off.
  const grid = [
    ...x.ticks(8).map((at) => tick(x(at), HEIGHT - margin.bottom + 16, "middle", x.tickFormat(8)(at))),
    ...y
      .ticks(6)
      .flatMap((at) => [
        `<line x1="${margin.left}" x2="${WIDTH - margin.right}" y1="${y(at)}" y2="${y(at)}" stroke="#8884"/>`,
        tick(margin.left - 6, y(at) + 4, "end", y.tickFormat(6)(at)),
      ]),
  ];
  const drawn = shown.flatMap(({ name, points }, i) => {
    const colour = colours[i % colours.length];
    const at = margin.left + 8 + 150 * i;
    return [
      `<path d="${path(points) ?? ""}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
      `<text x="${at}" y="${margin.top - 6}" fill="${colour}">${escape(name)}</text>`,
    ];
  });
  // Grey text is readable on white and on black; nothing here depends on a style sheet.
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#777">`,
    `<title>${escape(title)}</title>`,
    `<text x="${margin.left}" y="16" font-size="14" font-weight="bold">${escape(title)}</text>`,
    ...grid,
    ...drawn,
    `<text x="${WIDTH - margin.right}" y="${HEIGHT - 8}" text-anchor="end">${escape(xLabel)}</text>`,
    `<text x="8" y="${margin.top - 6}">${escape(yLabel)}</text>`,
    "</svg>\n",
  ].join("\n");
}

/** From the least to the largest; a single value gets some room. */
function range(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (values.length === 0) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

const tick = (x: number, y: number, anchor: string, text: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(text)}</text>`;

/** Names come from the user. */
const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
