import * as Plot from "@observablehq/plot";
import { MARGIN } from "./draw.ts";

/** A line with a name; its last point says where the name stands. */
interface Named {
  readonly name: string;
  readonly stroke: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The y axis of the chart: a value's pixel follows from it. */
interface Axis {
  readonly domain: readonly [low: number, high: number];
  readonly log: boolean;
  readonly height: number;
}

/** Pixels of an average letter of 12 px in bold and of a capital, of a row of text, and between the drawing and a name. */
const [LETTER, CAPITAL, ROW, GAP] = [7.8, 9.6, 14, 8];
/** Longer names go on in a second row. */
const LETTERS = 20;

/** Pixels that the names take to the right of the drawing. */
export const placeFor = (lines: readonly Named[]): number =>
  lines.length === 0 ? 0 : GAP + Math.max(...lines.flatMap(({ name }) => rowsOf(name).map(widthOf)));

const widthOf = (row: string): number =>
  [...row].reduce((width, letter) => width + (/\p{Lu}/u.test(letter) ? CAPITAL : LETTER), 0);

/** Every name to the right of its line's end, moved up or down as far as another name needs. */
export function atEnds(lines: readonly Named[], axis: Axis): Plot.Markish[] {
  const shown = lines.filter(({ points }) => points.length > 0);
  const wanted = shown.map(({ name, points }) => ({
    at: pixelOf(points.at(-1)?.[1] ?? 0, axis),
    size: ROW * rowsOf(name).length,
  }));
  const places = spread(wanted, MARGIN.marginTop, axis.height - MARGIN.marginBottom);
  return shown.map(({ name, stroke }, i) =>
    Plot.text([rowsOf(name).join("\n")], {
      frameAnchor: "top-right",
      textAnchor: "start",
      lineAnchor: "middle",
      lineHeight: ROW / 12,
      dx: GAP,
      dy: places[i] - MARGIN.marginTop,
      fill: stroke,
      fontWeight: 600,
    }),
  );
}

function pixelOf(value: number, { domain, log, height }: Axis): number {
  const of = log ? Math.log : (n: number) => n;
  const [low, high] = domain.map(of);
  const share = high === low ? 0.5 : (of(value) - low) / (high - low);
  return height - MARGIN.marginBottom - share * (height - MARGIN.marginBottom - MARGIN.marginTop);
}

/**
 * Centres near the wanted ones, in their order and without overlap, between `top` and `bottom` if there is room. Names
 * that overlap become a block around the mean of what its members want; blocks that overlap are joined in turn.
 */
export function spread(
  wanted: readonly { readonly at: number; readonly size: number }[],
  top: number,
  bottom: number,
): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a].at - wanted[b].at || a - b);
  const within = (start: number, size: number) => Math.max(top, Math.min(bottom - size, start));
  const blocks: { members: number[]; start: number; size: number }[] = [];
  for (const i of order) {
    let block = blockOf([i]);
    for (let above = blocks.at(-1); above && above.start + above.size > block.start; above = blocks.at(-1)) {
      blocks.pop();
      block = blockOf([...above.members, ...block.members]);
    }
    blocks.push(block);
  }
  const centres = new Array<number>(wanted.length);
  for (const { members, start } of blocks) {
    let at = start;
    for (const i of members) {
      centres[i] = at + wanted[i].size / 2;
      at += wanted[i].size;
    }
  }
  return centres;

  function blockOf(members: number[]) {
    const size = members.reduce((sum, i) => sum + wanted[i].size, 0);
    let offset = 0; // of a member's centre from the start of the block
    const starts = members.map((i) => {
      const start = wanted[i].at - offset - wanted[i].size / 2;
      offset += wanted[i].size;
      return start;
    });
    return { members, start: within(starts.reduce((a, b) => a + b, 0) / members.length, size), size };
  }
}

/** A name in rows of at most twenty letters, unless a word is longer. */
export function rowsOf(name: string): string[] {
  const rows: string[] = [];
  for (const word of name.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LETTERS)
      rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}
