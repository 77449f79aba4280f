import { canvas, colours } from "../lib/colours.ts";
import { element } from "../lib/elements.ts";
import { clamp } from "../lib/limits.ts";
import { EDGE, hasRoom, type Point, type Stroke } from "./strokes.ts";

const HELP =
  "Draw a digit. By keyboard: the arrow keys move the pen, Space puts it down and lifts it, Delete clears.";
/** Points of one stroke are at least so far apart: an address has to hold them. */
const APART = 3;
const BY_KEY = 4;

/** A square to draw on, by pointer and by keyboard. `onDrawn` is told all strokes after each change. */
export class Pad {
  readonly element: HTMLElement = element("div", {
    class: "pad",
    role: "application",
    tabindex: "0",
    "aria-label": HELP,
  });
  readonly #root: HTMLElement;
  readonly #onDrawn: (strokes: readonly Stroke[]) => void;
  #strokes: Stroke[] = [];
  /** Where the pen is that the keys move, and whether it draws. */
  #pen: { readonly at: Point; readonly down: boolean } | null = null;
  #pointer: number | null = null;

  constructor(root: HTMLElement, strokes: readonly Stroke[], onDrawn: (strokes: readonly Stroke[]) => void) {
    [this.#root, this.#strokes, this.#onDrawn] = [root, [...strokes], onDrawn];
    const { element: pad } = this;
    pad.addEventListener("pointerdown", (event) => this.#begin(event));
    pad.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => (this.#pointer = null));
    pad.addEventListener("keydown", (event) => this.#key(event));
  }

  set(strokes: readonly Stroke[]): void {
    this.#strokes = [...strokes];
    this.#pen = this.#pen && { ...this.#pen, down: false };
  }

  /** The strokes as lines, for the width that there is. */
  draw(size: number): HTMLCanvasElement {
    const [made, context] = canvas(size, size);
    const palette = colours(this.#root) as unknown as Readonly<Record<string, string>>;
    const at = (x: number) => ((x + 0.5) / (EDGE + 1)) * size;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = size / 11;
    context.strokeStyle = palette.ink;
    for (const [[x, y], ...more] of this.#strokes) {
      context.beginPath();
      context.moveTo(at(x), at(y));
      for (const [a, b] of more.length > 0 ? more : [[x, y]]) context.lineTo(at(a), at(b));
      context.stroke();
    }
    if (this.#pen) {
      const [x, y] = this.#pen.at;
      context.lineWidth = 2;
      context.strokeStyle = this.#pen.down ? palette.orange : palette.blue;
      context.strokeRect(at(x) - 7, at(y) - 7, 14, 14);
    }
    return made;
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#pen = null;
    this.#pointer = event.pointerId;
    this.element.setPointerCapture(event.pointerId);
    this.#append(this.#place(event), true);
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const [x, y] = this.#place(event);
    const [a, b] = this.#strokes.at(-1)?.at(-1) ?? [x, y];
    if (Math.hypot(x - a, y - b) >= APART) this.#append([x, y], false);
  }

  #place({ clientX, clientY }: PointerEvent): Point {
    const box = (this.element.firstElementChild ?? this.element).getBoundingClientRect();
    const along = (part: number) => Math.round(clamp(part * (EDGE + 1) - 0.5, 0, EDGE));
    return [along((clientX - box.left) / box.width), along((clientY - box.top) / box.height)];
  }

  #key(event: KeyboardEvent): void {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const { at, down } = this.#pen ?? { at: [50, 50] as const, down: false };
    if (!move && ![" ", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    if (move) {
      const to: Point = [clamp(at[0] + BY_KEY * move[0], 0, EDGE), clamp(at[1] + BY_KEY * move[1], 0, EDGE)];
      this.#pen = { at: to, down };
      if (down) this.#append(to, false);
      else this.#onDrawn(this.#strokes);
    } else if (event.key === " ") {
      this.#pen = { at, down: !down };
      if (!down) this.#append(at, true);
      else this.#onDrawn(this.#strokes);
    } else {
      this.set([]);
      this.#onDrawn([]);
    }
  }

  #append(point: Point, fresh: boolean): void {
    if (!hasRoom(this.#strokes)) return;
    const last = this.#strokes.at(-1);
    if (fresh || !last) this.#strokes.push([point]);
    else this.#strokes[this.#strokes.length - 1] = [...last, point];
    this.#onDrawn(this.#strokes);
  }
}
