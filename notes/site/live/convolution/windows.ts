import { choice, panel, row, slider } from "../lib/controls.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { grid, type Matrix, redraw } from "../lib/grid.ts";
import { keyOf, whole } from "../lib/limits.ts";
import { bracketed, shown } from "../lib/numbers.ts";
import type { UrlState } from "../lib/url-state.ts";
import type { WorkerCalls } from "../lib/worker-calls.ts";
import { sourcesOf, termsOf } from "./places.ts";
import { type ConvolutionWork, FILTERS, SMALL, type Walk, type Walked } from "./work.ts";

export const WALK = { seed: 1, filter: "seed", kernel: 3, stride: 1, padding: 1, dilation: 1, at: 0 };
export type WalkState = typeof WALK;

/** A filter of a few numbers walks over an image of 6×6; beside it the same as one product of matrices. */
export class Windows {
  readonly #page: UrlState<WalkState>;
  readonly #calls: WorkerCalls<ConvolutionWork>;
  readonly #faults = new Faults();
  readonly #pictures = element("div", { class: "walk" });
  readonly #product = element("div", { class: "im2col" });

  constructor(root: HTMLElement, page: UrlState<WalkState>, calls: WorkerCalls<ConvolutionWork>) {
    [this.#page, this.#calls] = [page, calls];
    root.append(
      panel(
        "windows",
        "Each number of the result is a sum of products: the filter's numbers times those in its window. Orange: what the chosen number was made from.",
        element("p", { class: "heading" }, "1. A window walks over an image"),
        ...this.#controls(),
        this.#faults.element,
        this.#pictures,
      ),
      panel(
        "product",
        "unfold writes each window as a column. Then the filter as a row, times this matrix, is the whole result.",
        element("p", { class: "heading" }, "2. The same as one product of matrices (im2col)"),
        this.#product,
      ),
    );
    this.#ask();
  }

  get #walk(): Walk {
    const { seed, filter, kernel, stride, padding, dilation } = this.#page.value;
    return {
      seed: whole(seed, 1, 20),
      filter: keyOf(FILTERS, filter),
      kernel: whole(kernel, 1, 4),
      stride: whole(stride, 1, 3),
      padding: whole(padding, 0, 2),
      dilation: whole(dilation, 1, 3),
    };
  }

  #controls(): HTMLElement[] {
    const now = this.#walk;
    const set = (part: Partial<WalkState>) => {
      this.#page.set(part);
      this.#ask();
    };
    const one = (name: Exclude<keyof Walk, "filter">, label: string, min: number, max: number) =>
      slider({ label, min, max, step: 1, value: now[name], onInput: (n) => set({ [name]: n }) }).element;
    const filters = choice({
      label: "Numbers of the filter",
      options: FILTERS,
      value: now.filter,
      onChange: (filter) => set({ filter }),
    });
    return [
      row(
        one("kernel", "Kernel", 1, 4),
        one("stride", "Stride", 1, 3),
        one("padding", "Padding", 0, 2),
        one("dilation", "Dilation", 1, 3),
      ),
      row(filters.element, one("seed", "Numbers (seed)", 1, 20)),
    ];
  }

  #ask(): void {
    const asked = this.#walk;
    void this.#faults.try(async () => {
      const walked = await this.#calls.call("walk", asked);
      if (JSON.stringify(asked) === JSON.stringify(this.#walk)) this.#draw(asked, walked);
    });
  }

  #draw(asked: Walk, walked: Walked): void {
    const { image, w, y } = walked;
    const at = whole(this.#page.value.at, 0, y.data.length - 1);
    const choose = (place: number) => {
      this.#page.set({ at: place });
      this.#draw(asked, walked);
    };
    const terms = termsOf(walked, at);
    const edge = placesWhere(image.data.length, (place) => isPadding(place, image.shape[1], asked.padding));
    redraw(
      this.#pictures,
      element(
        "div",
        { class: "matrices" },
        grid({ name: "image", ...image, width: 1.65, marked: new Set(sourcesOf(asked, at)), faint: edge }),
        grid({ name: "filter", ...w, width: widthFor(w, 1.65) }),
        grid({ name: "result", ...y, width: widthFor(y, 2.3), chosen: at, onChoose: choose, hover: true }),
      ),
      element(
        "p",
        { class: "sum terms" },
        `${terms.map(([a, b]) => `${bracketed(a)}·${bracketed(b)}`).join(" + ")} = ${shown(y.data[at])}`,
      ),
      element("p", { class: "quiet sizes" }, sizeInWords(asked)),
    );
    this.#drawProduct(walked, at, choose);
  }

  #drawProduct({ image, w, columns, y }: Walked, at: number, choose: (place: number) => void): void {
    const places = y.data.length;
    const width = Math.max(...[w, y].map((matrix) => widthFor(matrix, 2.6)));
    const column = placesWhere(columns.data.length, (place) => place % places === at);
    const scroller = element(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": "The matrix and the result below it" },
      grid({
        ...{ name: "columns", ...columns, width, marked: column, hover: true },
        chosen: at,
        onChoose: (place) => choose(place % places),
      }),
      grid({ name: "row of results", shape: [1, places], data: y.data, width, chosen: at }),
    );
    const given = SMALL * SMALL;
    const before = this.#product.querySelector(".scroll")?.scrollLeft ?? 0;
    redraw(
      this.#product,
      grid({ name: "filter as a row", shape: [1, w.data.length], data: w.data, width }),
      scroller,
      element(
        "p",
        { class: "quiet growth" },
        `${given} numbers of the image become ${columns.data.length} of the matrix: ${shown(columns.data.length / given, 3)} times as many` +
          `${image.data.length > given ? ", zeros of the padding among them" : ""}.`,
      ),
    );
    scroller.scrollLeft = before;
    showColumn(scroller, at);
  }
}

/** Rem that a cell takes: fractions have more figures. */
const widthFor = ({ data }: Matrix, least: number): number => (data.every(Number.isInteger) ? least : 3.4);

const placesWhere = (count: number, is: (place: number) => boolean): ReadonlySet<number> =>
  new Set(Array.from({ length: count }, (_, place) => place).filter(is));

const isPadding = (place: number, columns: number, padding: number): boolean =>
  [Math.floor(place / columns), place % columns].some((i) => i < padding || i >= columns - padding);

/** `⌊(6 + 2·1 − 1·(3 − 1) − 1)/1⌋ + 1 = 6` */
function sizeInWords({ kernel, stride, padding, dilation }: Walk): string {
  const size = Math.floor((SMALL + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return `Side of the result: ⌊(${SMALL} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ${stride}⌋ + 1 = ${size}`;
}

/** Scrolls sideways, as little as it takes to see a column; the page itself stays. */
function showColumn(scroller: HTMLElement, at: number): void {
  const cell = scroller.querySelectorAll<HTMLElement>('[data-name="columns"] .cell')[at];
  if (!cell) return;
  const [box, room] = [cell.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (box.right > room.right) scroller.scrollLeft += box.right - room.right + 8;
  if (box.left < room.left) scroller.scrollLeft -= room.left - box.left + 8;
}
