import type { Tensor } from "tensorgrad";
import { element } from "./elements.ts";
import { shown } from "./numbers.ts";

/** A matrix as a table of buttons: a press or the arrow keys choose a cell, others are marked. */

export interface Matrix {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface GridOptions extends Matrix {
  readonly name: string;
  readonly chosen?: number | null;
  readonly marked?: ReadonlySet<number>;
  /** Cells that were not given: the zeros around an image. */
  readonly faint?: ReadonlySet<number>;
  /** Rem a cell. */
  readonly width?: number;
  readonly onChoose?: (place: number) => void;
  /** Whether the mouse chooses the cell that it points at. */
  readonly hover?: boolean;
}

/** A small matrix of the library, for a page. */
export const matrixOf = (x: Tensor): Matrix => ({ shape: [...x.shape], data: [...x.contiguous().data] });

export function grid({
  name,
  shape,
  data,
  chosen = null,
  marked = new Set(),
  faint = new Set(),
  width = 2.5,
  onChoose,
  hover = false,
}: GridOptions): HTMLElement {
  const columns = shape.at(-1) ?? 1;
  const cells = data.map((value, place) => {
    const state = `${place === chosen ? " chosen" : ""}${marked.has(place) ? " marked" : ""}${faint.has(place) ? " faint" : ""}`;
    if (!onChoose) return element("span", { class: `cell${state}` }, shown(value));
    return element(
      "button",
      {
        type: "button",
        class: `cell${state}`,
        "aria-pressed": String(place === chosen),
        tabindex: place === (chosen ?? 0) ? 0 : -1,
        onclick: () => onChoose(place),
        onpointerenter: (event: PointerEvent) =>
          hover && event.pointerType === "mouse" && place !== chosen && onChoose(place),
      },
      shown(value),
    );
  });
  const table = element(
    "div",
    { class: "cells", style: `grid-template-columns: repeat(${columns}, ${width}rem)` },
    ...cells,
  );
  table.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const to = (chosen ?? 0) + (by ?? 0);
    if (by === undefined || !onChoose || to < 0 || to >= data.length) return;
    event.preventDefault();
    onChoose(to);
  });
  const title = element("div", { class: "matrix-name" }, element("b", {}, name), ` [${shape.join(", ")}]`);
  return element(
    "div",
    {
      class: "matrix",
      "data-name": name,
      role: "group",
      "aria-label": `${name}, ${shape.join(" by ")}: ${data.map((x) => shown(x)).join(", ")}`,
    },
    title,
    table,
  );
}

export const gridStyle = `
.live .matrices { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: flex-start; }
.live .matrix { max-width: 100%; overflow-x: auto; }
.live .matrix-name { font-size: 13px; color: var(--muted); margin-bottom: 0.25rem; } .live .matrix-name b { color: var(--ink); }
.live .cells { display: grid; gap: 2px; width: max-content; }
.live .cell { display: flex; align-items: center; justify-content: center; height: 2rem; padding: 0; border: 1px solid var(--line); border-radius: 5px; background: var(--panel); font: 13px/1 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.live .cell.marked { background: color-mix(in oklab, var(--orange) 22%, var(--panel)); border-color: var(--orange); }
.live .cell.faint { color: var(--muted); border-style: dashed; }
.live .cell.chosen { background: color-mix(in oklab, var(--blue) 22%, var(--panel)); border-color: var(--blue); box-shadow: inset 0 0 0 1px var(--blue); }
.live .memory .cells { display: flex; flex-wrap: wrap; width: auto; } .live .memory .cell { width: 2.2rem; }
.live .sum { font: 14px/1.6 ui-monospace, Menlo, Consolas, monospace; min-height: 1.6em; overflow-wrap: anywhere; }
`;

/** Draws the matrices anew, and leaves the keyboard in the matrix where it was. */
export function redraw(place: HTMLElement, ...content: readonly Node[]): void {
  const name = document.activeElement?.closest<HTMLElement>(".matrix")?.dataset.name;
  const here = place.contains(document.activeElement);
  place.replaceChildren(...content);
  if (here && name) place.querySelector<HTMLElement>(`[data-name="${name}"] .chosen`)?.focus();
}
