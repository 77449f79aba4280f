import * as Plot from "@observablehq/plot";
import { color, draw, mix } from "tensorgrad/plots";

/** A cell of a drawn matrix: its text, and how strongly it is coloured (0 to 1). */
export interface Cell {
  text: string | number;
  shade?: number;
}

/** A matrix with a line of text above it; `x` and `y` are its upper left corner, in cells. */
export interface Grid {
  title: string;
  cells: readonly (readonly Cell[])[];
  x: number;
  y: number;
}

/** Pixels of the whole and of one cell. */
const WIDTH = 560;
const SIDE = 34;

/** Matrices beside and below each other, as one SVG: what lies in memory and how tensors look at it. */
export function cells(title: string, grids: readonly Grid[]): string {
  const placed = grids.flatMap(({ cells, x, y }) =>
    cells.flatMap((row, i) => row.map((cell, j) => ({ ...cell, x: x + j, y: y + i }))),
  );
  const columns = Math.max(...placed.map(({ x }) => x)) + 1;
  const rows = Math.max(...placed.map(({ y }) => y)) + 1;
  const [marginTop, marginLeft] = [58, 6];
  return draw(title, {
    width: Math.max(WIDTH, columns * SIDE + 2 * marginLeft),
    height: rows * SIDE + marginTop + 8,
    marginTop,
    marginLeft,
    marginBottom: 8,
    marginRight: Math.max(6, WIDTH - columns * SIDE - marginLeft),
    x: { axis: null, domain: [0, columns] },
    y: { axis: null, domain: [rows, 0] },
    marks: [
      Plot.rect(placed, {
        x1: ({ x }) => x,
        x2: ({ x }) => x + 1,
        y1: ({ y }) => y,
        y2: ({ y }) => y + 1,
        inset: 1.5,
        rx: 3,
        fill: ({ shade = 0 }) => mix(color("blue"), color("line"), 0.6 * shade),
      }),
      Plot.text(placed, {
        x: ({ x }) => x + 0.5,
        y: ({ y }) => y + 0.5,
        text: ({ text }) => String(text),
        fill: color("ink"),
        fontWeight: 600,
      }),
      Plot.text(grids, {
        x: "x",
        y: "y",
        text: "title",
        textAnchor: "start",
        dx: 2,
        dy: -10,
        fill: color("ink"),
      }),
    ],
  });
}
