import * as Plot from "@observablehq/plot";
import type * as HappyDom from "happy-dom";
import { builtinModules, expectArgument } from "../00-runtime/index.ts";
import { color } from "./theme.ts";

const WIDTH = 460;
/** Pixels around every drawing, unless it needs others. */
export const MARGIN = { marginTop: 58, marginRight: 14, marginBottom: 40, marginLeft: 52 };

/** The name of the y axis, above it; Plot's own stands where the title is. */
export function verticalLabel(text: string): Plot.Text {
  return Plot.text([`\u2191 ${text}`], { frameAnchor: "top-left", dx: 4 - MARGIN.marginLeft, dy: -20 });
}

/** The browser's document; in Node `happy-dom` stands in for it, loaded when the first plot is drawn. */
function page(): Document {
  if (typeof document !== "undefined") return document;
  const builtin = builtinModules();
  if (!builtin)
    throw new TypeError(
      "plots: no document to draw in — draw in a page, or in Node with happy-dom installed",
    );
  const require = builtin("node:module").createRequire(import.meta.url);
  const { Window } = require("happy-dom") as typeof HappyDom;
  return new Window().document as unknown as Document;
}

/** Draws one SVG with the common frame, type and title. */
export function draw(title: string, options: Plot.PlotOptions): string {
  expectArgument(typeof title === "string", "draw", "title", title, "a string");
  expectArgument(
    typeof options === "object" && options !== null,
    "draw",
    "options",
    options,
    "options of Plot.plot",
  );
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
    document: page(),
    width: WIDTH,
    ...MARGIN,
    style: { fontSize: "12px", color: color("muted"), background: "none", overflow: "visible" },
    ...options,
    // Colours are meant literally, unless a plot brings a scale of its own.
    color: options.color ?? { type: "identity" },
    marks: [...marks, heading],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  return named(svg.outerHTML, title.toLowerCase().replace(/[^a-z0-9]+/g, "-"));
}

/** Plot counts its clip paths and markers over the life of the process; the same drawing should be the same text. */
function named(svg: string, slug: string): string {
  const markers = [...new Set(svg.match(/plot-marker-\d+/g))];
  return svg
    .replace(/plot-clip-\d+/g, `clip-${slug}`)
    .replace(/plot-marker-\d+/g, (id) => `marker-${slug}-${markers.indexOf(id) + 1}`);
}
