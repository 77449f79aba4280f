import type * as Plot from "@observablehq/plot";
import { color } from "tensorgrad/plots";

/** An image of one channel, ink 0 to 1, and the pixel of the drawing where its upper left corner is. */
export interface Ink {
  ink: ArrayLike<number>;
  columns: number;
  x: number;
  y: number;
}

/** Shades of ink that are told apart; white is not drawn. */
const SHADES = 6;

/** Images as paths, a side of `scale` per pixel: without compression, so that every machine draws the same text. */
export function inkMark(images: readonly Ink[], scale: number): Plot.RenderFunction {
  return (_index, _scales, _values, _dimensions, context) => {
    const { document } = context;
    const make = (name: string) => document.createElementNS("http://www.w3.org/2000/svg", name);
    const group = make("g") as SVGGElement;
    for (const image of images) {
      const drawing = make("g");
      drawing.setAttribute("transform", `translate(${image.x} ${image.y}) scale(${scale})`);
      drawing.append(frame(make("rect"), image));
      for (let shade = 1; shade < SHADES; shade++) {
        const path = make("path");
        path.setAttribute("d", runs(image, shade));
        path.setAttribute("fill", color("ink"));
        path.setAttribute("fill-opacity", (shade / (SHADES - 1)).toFixed(1));
        drawing.append(path);
      }
      group.append(drawing);
    }
    return group;
  };
}

function frame(rect: Element, { ink, columns }: Ink): Element {
  const size = { width: columns, height: ink.length / columns, fill: "none", stroke: color("line") };
  for (const [name, value] of Object.entries({ ...size, "stroke-width": 0.4 })) {
    rect.setAttribute(name, String(value));
  }
  return rect;
}

/** Rectangles over the runs of pixels that have one shade. */
function runs({ ink, columns }: Ink, shade: number): string {
  const has = (i: number): boolean => Math.round(ink[i] * (SHADES - 1)) === shade;
  let path = "";
  for (let i = 0; i < ink.length; i++) {
    if (!has(i)) continue;
    const start = i;
    while ((i + 1) % columns !== 0 && has(i + 1)) i++;
    path += `M${start % columns} ${Math.floor(start / columns)}h${i + 1 - start}v1h${start - i - 1}z`;
  }
  return path;
}
