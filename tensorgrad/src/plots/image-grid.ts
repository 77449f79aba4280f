import * as Plot from "@observablehq/plot";
import { checked, expectArgument } from "../00-runtime/index.ts";
import { draw } from "./draw.ts";
import { expectObjects } from "./expect.ts";
import { color } from "./theme.ts";

/** A small picture as a data URI, and a few words below it. */
export interface Tile {
  readonly src: string;
  readonly text: string;
  /** Framed, and its words set off. */
  readonly wrong?: boolean;
}

/** Small pictures in rows, pixels left as they are. */
export function imageGrid(
  tiles: readonly Tile[],
  options: {
    readonly title?: string;
    readonly columns?: number;
    readonly side?: number;
    readonly gap?: number;
  } = {},
): string {
  const names = ["title", "columns", "side", "gap"] as const;
  const { title = "Images", columns = 8, side = 44, gap = 74 } = checked("imageGrid", options, names);
  expectObjects("imageGrid", tiles, "tiles");
  for (const { text } of tiles)
    expectArgument(typeof text === "string", "imageGrid", "tiles’ text", text, "a string");
  const placed = tiles.map((tile, index) => ({
    ...tile,
    column: index % columns,
    row: Math.floor(index / columns),
    fill: color(tile.wrong ? "orange" : "muted"),
  }));
  const rows = Math.ceil(tiles.length / columns);
  const at = { x: "column", y: "row" };
  const words = tiles.some(({ text }) => text !== "");
  const fontSize = tiles.some(({ text }) => text.length > 8) ? 9 : 12; // long words would run into their neighbours
  return draw(title, {
    height: 30 + gap * rows,
    marginTop: 30,
    marginRight: 4,
    marginBottom: 4,
    marginLeft: 4,
    x: { axis: null, domain: [-0.5, columns - 0.5] },
    y: { axis: null, domain: [-0.5, rows - 0.5], reverse: true },
    marks: [
      Plot.image(placed, {
        ...at,
        src: "src",
        width: side,
        height: side,
        dy: words ? -8 : 0,
        imageRendering: "pixelated",
      }),
      Plot.rect(
        placed.filter(({ wrong }) => wrong),
        frame,
      ),
      Plot.text(placed, {
        ...at,
        text: "text",
        dy: side / 2 + 3,
        fontSize,
        fill: "fill",
        fontWeight: 600,
      }),
    ],
  });
}

/** Around the cell of a tile. */
const frame = {
  x1: ({ column }: { column: number }) => column - 0.47,
  x2: ({ column }: { column: number }) => column + 0.47,
  y1: ({ row }: { row: number }) => row - 0.47,
  y2: ({ row }: { row: number }) => row + 0.47,
  stroke: color("orange"),
  strokeWidth: 1.5,
  rx: 4,
  fill: "none",
};
