import { canvas, colours } from "../lib/colours.ts";
import { figure } from "../lib/elements.ts";

export interface Shades {
  /** Row by row. */
  readonly values: ArrayLike<number>;
  /** Numbers in a row. */
  readonly columns: number;
  /** The largest size of a value: full colour. */
  readonly most: number;
  /** Pixels of the page. */
  readonly width: number;
  /** The text alternative. */
  readonly alt: string;
  readonly positive?: "blue" | "ink";
}

export const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Numbers as squares: blue above 0, orange below, the fuller the larger. */
export function shades(root: HTMLElement, options: Shades): HTMLElement {
  const { values, columns, most, width, alt, positive = "blue" } = options;
  const rows = values.length / columns;
  const [made, context] = canvas(width, (width * rows) / columns);
  const palette = colours(root) as unknown as Readonly<Record<string, string>>;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, (width * rows) / columns);
  const edge = (i: number) => (i * width) / columns;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const [row, column] = [Math.floor(i / columns), i % columns];
    context.globalAlpha = Math.min(1, Math.abs(values[i]) / (most || 1));
    context.fillStyle = values[i] > 0 ? palette[positive] : palette.orange;
    context.fillRect(edge(column), edge(row), edge(1), edge(1));
  }
  return figure(alt, made);
}
