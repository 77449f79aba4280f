import { canvas, colours } from "../lib/colours.ts";
import { element } from "../lib/elements.ts";
import { visible } from "./chances.ts";

/** Attention as squares: row by row the characters that look, column by column those looked at. */

type Paint = Readonly<Record<"blue" | "orange" | "panel" | "line" | "muted", string>>;

const paint = (root: HTMLElement) => colours(root) as unknown as Paint;

/** Cells at whole pixels: overlaps would show as a net. */
function cells(
  context: CanvasRenderingContext2D,
  { left, top, size }: { readonly left: number; readonly top: number; readonly size: number },
  weights: Float32Array,
  { blue, line }: Paint,
  masked: boolean,
): void {
  const n = Math.sqrt(weights.length);
  const edge = (i: number) => Math.round((i * size) / n);
  for (const [i, weight] of weights.entries()) {
    const [column, row] = [i % n, Math.floor(i / n)];
    const isHidden = masked && column > row;
    context.fillStyle = isHidden ? line : blue;
    context.globalAlpha = isHidden ? 0.55 : Math.sqrt(weight); // small ones are seen, too
    const [x, y] = [edge(column), edge(row)];
    context.fillRect(left + x, top + y, edge(column + 1) - x, edge(row + 1) - y);
  }
  context.globalAlpha = 1;
}

/** One head, small. */
export function smallMap(root: HTMLElement, size: number, weights: Float32Array, masked: boolean): Node {
  const [made, context] = canvas(size, size);
  const colors = paint(root);
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, size, size);
  cells(context, { left: 0, top: 0, size }, weights, colors, masked);
  return made;
}

/** So many characters can be written at the sides of a map. */
const MOST_NAMES = 48;
const MARGIN = 18;

/** One head, large, with its characters at the sides where there is room, and a frame around the row of the chosen one. */
export function largeMap(
  root: HTMLElement,
  width: number,
  { text, weights, chosen, masked }: LargeMap,
): HTMLCanvasElement {
  const characters = [...text];
  const n = characters.length;
  const left = n <= MOST_NAMES ? MARGIN : 0;
  const size = Math.min(width, 460) - left;
  const [made, context] = canvas(size + left, size + left);
  const colors = paint(root);
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, size + left, size + left);
  cells(context, { left, top: left, size }, weights, colors, masked);
  context.strokeStyle = colors.orange;
  context.lineWidth = 1.5;
  context.strokeRect(left + 0.75, left + Math.round((chosen * size) / n), size - 1.5, Math.max(2, size / n));
  if (left > 0) {
    context.fillStyle = colors.muted;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `${Math.min(13, Math.max(7, (0.95 * size) / n))}px ui-monospace, monospace`;
    for (const [i, one] of characters.entries()) {
      const middle = left + ((i + 0.5) * size) / n;
      context.fillText(visible(one), left / 2, middle);
      context.fillText(visible(one), middle, left / 2);
    }
  }
  return made;
}

export interface LargeMap {
  readonly text: string;
  readonly weights: Float32Array;
  readonly chosen: number;
  readonly masked: boolean;
}

/** The row of a large map under a click. */
export function rowUnder(event: MouseEvent, map: HTMLCanvasElement, n: number): number {
  const box = map.getBoundingClientRect();
  const left = n <= MOST_NAMES ? (MARGIN * box.height) / map.clientHeight : 0;
  const row = Math.floor(((event.clientY - box.top - left) / (box.height - left)) * n);
  return Math.min(Math.max(row, 0), n - 1);
}

export interface HeadsOptions {
  readonly root: HTMLElement;
  readonly weights: readonly (readonly Float32Array[])[];
  readonly layer: number;
  readonly head: number;
  readonly masked: boolean;
  readonly onChoose: (layer: number, head: number) => void;
}

/** All heads, a line for each layer: a press or the arrow keys choose one. */
export function headGrid({ root, weights, layer, head, masked, onChoose }: HeadsOptions): HTMLElement {
  const [layers, heads] = [weights.length, weights[0].length];
  const buttons = weights.flatMap((list, l) =>
    list.map((map, h) => {
      const isChosen = l === layer && h === head;
      return element(
        "button",
        {
          type: "button",
          class: `head${isChosen ? " chosen" : ""}`,
          "aria-pressed": String(isChosen),
          "aria-label": `layer ${l + 1}, head ${h + 1}`,
          tabindex: isChosen ? 0 : -1,
          onclick: () => onChoose(l, h),
        },
        smallMap(root, 96, map, masked),
      );
    }),
  );
  const made = element(
    "div",
    {
      class: "heads",
      role: "group",
      "aria-label": "Heads, a line for each layer; arrow keys choose one",
      style: `grid-template-columns: repeat(${heads}, minmax(0, 6.5rem))`,
    },
    ...buttons,
  );
  made.addEventListener("keydown", (event) => {
    const [down, right] =
      { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key] ?? [];
    if (down === undefined || right === undefined) return;
    event.preventDefault();
    onChoose((layer + down + layers) % layers, (head + right + heads) % heads);
  });
  return made;
}

export const mapStyle = `
.live .heads { display: grid; gap: 4px; } .live .heads .head { padding: 2px; line-height: 0; } .live .heads canvas { width: 100% !important; height: auto; }
.live .heads .chosen { border-color: var(--orange); box-shadow: inset 0 0 0 1px var(--orange); }
.live .map canvas { cursor: crosshair; border-radius: 4px; }
`;
