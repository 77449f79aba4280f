import * as Plot from "@observablehq/plot";
import { draw } from "./draw.ts";
import { inkImage } from "./png.ts";
import { color } from "./theme.ts";

/** Grey images, ink 0 to 1, each with its prediction below; a wrong one is framed and names the truth. */
export function digitGrid(
  images: readonly ArrayLike<number>[],
  labels: readonly number[],
  predictions: readonly number[],
  { title = "Sample digits", columns = 8, size = 28 } = {},
): string {
  const digits = images.map((image, index) => {
    const [label, predicted] = [labels[index]!, predictions[index]!];
    const wrong = label !== predicted;
    return {
      column: index % columns,
      row: Math.floor(index / columns),
      href: inkImage(image, size, size),
      wrong,
      text: wrong ? `${predicted}, is ${label}` : `${predicted}`,
      fill: color(wrong ? "orange" : "muted"),
    };
  });
  const rows = Math.ceil(images.length / columns);
  const at = { x: "column", y: "row" };
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
      Plot.rect(
        digits.filter(({ wrong }) => wrong),
        frame,
      ),
      Plot.text(digits, { ...at, text: "text", dy: 25, fontSize: 12, fill: "fill", fontWeight: 600 }),
    ],
  });
}

/** Around the cell of a digit. */
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
