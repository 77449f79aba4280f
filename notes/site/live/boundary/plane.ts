import { canvas, colours } from "../lib/colours.ts";
import { EDGE, type Points } from "./points.ts";

/** The plane: shaded by what the network says, with the points on it, and a cursor where one is set by keyboard. */
export function plane(
  root: HTMLElement,
  size: number,
  { x, y }: Points,
  grid: Float32Array | null,
  cursor: readonly [number, number] | null,
): HTMLCanvasElement {
  const [made, context] = canvas(size, size);
  const { blue, orange, panel, ink } = colours(root) as unknown as Readonly<Record<string, string>>;
  context.fillStyle = panel;
  context.fillRect(0, 0, size, size);
  if (grid) shade(context, size, grid, [blue, orange]);
  const at = (value: number) => ((value / EDGE + 1) / 2) * size;
  for (const [i, [a, b]] of x.entries()) {
    context.beginPath();
    if (y[i] === 1) context.arc(at(a), at(-b), 5, 0, 2 * Math.PI);
    else context.rect(at(a) - 4.5, at(-b) - 4.5, 9, 9);
    context.fillStyle = y[i] === 1 ? orange : blue;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = panel;
    context.stroke();
  }
  if (cursor) {
    context.strokeStyle = ink;
    context.strokeRect(at(cursor[0]) - 8, at(-cursor[1]) - 8, 16, 16);
  }
  return made;
}

/** Probability ½ is white; the surer the network, the fuller the colour. */
function shade(
  context: CanvasRenderingContext2D,
  size: number,
  grid: Float32Array,
  [low, high]: readonly [string, string],
): void {
  const n = Math.sqrt(grid.length);
  const edge = (i: number) => Math.round((i * size) / n); // whole pixels: overlaps would show as a net
  for (const [i, score] of grid.entries()) {
    const sure = Math.abs(2 / (1 + Math.exp(-score)) - 1);
    context.globalAlpha = 0.05 + 0.4 * sure;
    context.fillStyle = score > 0 ? high : low;
    const [left, top] = [i % n, Math.floor(i / n)];
    context.fillRect(edge(left), edge(top), edge(left + 1) - edge(left), edge(top + 1) - edge(top));
  }
  context.globalAlpha = 1;
}
