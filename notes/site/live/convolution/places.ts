import { SMALL, type Walk, type Walked } from "./work.ts";

/** Which numbers meet at one place of the result: arithmetic on places, counted row by row. */

/** The places in the padded image that the window lies on. */
export function sourcesOf({ kernel, stride, padding, dilation }: Walk, at: number): number[] {
  const padded = SMALL + 2 * padding;
  const outputs = Math.floor((padded - dilation * (kernel - 1) - 1) / stride) + 1;
  const [top, left] = [Math.floor(at / outputs) * stride, (at % outputs) * stride];
  return Array.from({ length: kernel * kernel }, (_, tap) => {
    const [row, column] = [Math.floor(tap / kernel), tap % kernel];
    return (top + row * dilation) * padded + left + column * dilation;
  });
}

/** The factors of each product: a number of the window, read from its column, and one of the filter. */
export const termsOf = ({ columns, w, y }: Walked, at: number): (readonly [number, number])[] =>
  w.data.map((weight, tap) => [columns.data[tap * y.data.length + at], weight] as const);
