import { element } from "../lib/elements.ts";
import { percent } from "../lib/numbers.ts";
import { spoken, visible } from "./chances.ts";

/** The characters that the model sees. One is chosen, by mouse or arrow keys; the others are as full as it takes from them. */
export class TextStrip {
  readonly element = element("div", { class: "characters", role: "group" });
  readonly #onChoose: (place: number) => void;

  constructor(onChoose: (place: number) => void) {
    this.#onChoose = onChoose;
    this.element.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      const cells = [...this.element.children];
      const chosen = cells.findIndex((one) => one.getAttribute("aria-pressed") === "true");
      if (step === undefined || chosen < 0) return;
      event.preventDefault();
      this.#onChoose(Math.min(Math.max(chosen + step, 0), cells.length - 1));
    });
  }

  /** `row` says how much the chosen one takes from each; `ids` are the numbers that the model reads. */
  show(text: string, ids: readonly number[], chosen: number, row: ArrayLike<number>): void {
    const most = Math.max(...Array.from(row), 1e-9);
    const had = this.element.contains(document.activeElement);
    const cells = [...text].map((character, place) =>
      element(
        "button",
        {
          type: "button",
          class: `character${place === chosen ? " chosen" : ""}`,
          style: `--share: ${Math.round(65 * Math.sqrt(row[place] / most))}%`,
          "aria-pressed": String(place === chosen),
          "aria-label": `${spoken(character)}, token ${ids[place]}, ${percent(row[place])}`,
          tabindex: place === chosen ? 0 : -1,
          onclick: () => this.#onChoose(place),
        },
        element("b", {}, visible(character)),
        element("small", {}, ids[place]),
      ),
    );
    this.element.setAttribute("aria-label", `Text of ${cells.length} characters; arrow keys choose one`);
    this.element.replaceChildren(...cells);
    const here = cells[chosen];
    if (had) here?.focus({ preventScroll: true });
    if (here) this.element.scrollTop = Math.max(0, here.offsetTop - this.element.clientHeight / 2);
  }
}

export const textStyle = `
.live .characters { display: flex; flex-wrap: wrap; gap: 2px; max-height: 15rem; overflow-y: auto; position: relative; padding: 3px; }
.live .characters .character { display: flex; flex-direction: column; align-items: center; min-width: 1.55rem; padding: 0.15rem 0.2rem; line-height: 1.25; border-radius: 4px;
  background: color-mix(in oklab, var(--blue) var(--share), var(--panel)); }
.live .characters .character b { font: 600 15px/1.3 ui-monospace, Menlo, Consolas, monospace; } .live .characters .character small { font-size: 10.5px; color: var(--ink); opacity: 0.75; }
.live .characters .character.chosen { border-color: var(--orange); box-shadow: inset 0 0 0 1px var(--orange); }
`;
