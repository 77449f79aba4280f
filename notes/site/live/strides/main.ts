import { button, field, panel, pick, row, slider } from "../lib/controls.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { grid, gridStyle, redraw } from "../lib/grid.ts";
import { whole } from "../lib/limits.ts";
import { bracketed, shown } from "../lib/numbers.ts";
import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { WorkerCalls } from "../lib/worker-calls.ts";
import { addressInWords, addressOf, broadcastFault, productTerms, readers, readShape } from "./cells.ts";
import { type Seen, type StridesWork, VIEWS, type View, type Walked } from "./work.ts";

/** Three pictures: what a view is, how broadcasting is undone, and the two gradients of a product. */
export function mount(root: HTMLElement): () => void {
  useStyle("strides", gridStyle);
  return new Strides(root).end;
}

class Strides {
  readonly #page = urlState({
    views: "transpose",
    at: 5,
    a: "3, 1",
    b: "4",
    cell: 1,
    seed: 1,
    of: "da",
    place: 0,
  });
  readonly #calls = new WorkerCalls<StridesWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  readonly end = (): void => this.#calls.stop();
  readonly #faults = new Faults();
  readonly #views = element("div", { class: "views" });
  readonly #broadcast = element("div", { class: "broadcast" });
  readonly #product = element("div", { class: "product" });
  readonly #chain = element("p", { class: "sum" });
  readonly #a = field({
    label: "Shape of a",
    value: this.#page.value.a,
    onInput: (a) => this.#changed({ a }),
  });
  readonly #b = field({
    label: "Shape of b",
    value: this.#page.value.b,
    onInput: (b) => this.#changed({ b }),
  });

  constructor(root: HTMLElement) {
    const { seed } = this.#page.value;
    const add = pick<string>({
      label: "Add an operation",
      options: { "": "…", ...VIEWS },
      value: "",
      onChange: (name) => name && this.#extend(name as View, () => add.set("")),
    });
    const back = button("Take the last one back", () => this.#setViews(this.#chosen.slice(0, -1)));
    const seeds = slider({
      label: "Numbers (seed)",
      min: 1,
      max: 20,
      step: 1,
      value: whole(seed, 1, 20),
      onInput: (n) => this.#changed({ seed: n }),
    });
    const heading = (text: string) => element("p", { class: "heading" }, text);
    root.append(
      this.#faults.element,
      panel(
        "one",
        "A view has no numbers of its own. Its strides say how far to walk in the same memory.",
        heading("1. A view"),
        row(add.element, back),
        this.#chain,
        this.#views,
      ),
      panel(
        "two",
        "A cell that was read several times receives the sum of all those gradients.",
        heading("2. Broadcasting, and its undoing"),
        row(this.#a.element, this.#b.element, seeds.element),
        this.#broadcast,
      ),
      panel(
        "three",
        "da = g · bᵀ and db = aᵀ · g. Choose a cell of a gradient to see its terms.",
        heading("3. The two gradients of a product"),
        this.#product,
      ),
    );
    void this.#faults.try(() => this.#showViews());
    this.#changed({});
  }

  get #chosen(): View[] {
    return this.#page.value.views
      .split(".")
      .filter((name): name is View => name in VIEWS)
      .slice(0, 8);
  }

  #setViews(views: readonly View[]): void {
    this.#page.set({ views: views.join("."), at: 0 });
    void this.#faults.try(() => this.#showViews());
  }

  /** What the library refuses is shown in its own words, and not taken. */
  #extend(view: View, done: () => void): void {
    done();
    const longer = [...this.#chosen, view].slice(0, 8);
    void this.#faults.try(async () => {
      await this.#calls.call("views", longer);
      this.#setViews(longer);
    });
  }

  async #showViews(): Promise<void> {
    const views = this.#chosen;
    const seen = await this.#calls.call("views", views);
    this.#chain.textContent = ["arange(12).reshape(3, 4)", ...views.map((name) => VIEWS[name])].join(".");
    this.#drawViews(seen);
  }

  #drawViews(seen: readonly Seen[]): void {
    const last = seen[seen.length - 1];
    const at = whole(this.#page.value.at, 0, last.data.length - 1);
    const choose = (place: number) => {
      this.#page.set({ at: place });
      this.#drawViews(seen);
    };
    const since = seen.map(({ view }) => view).lastIndexOf(false);
    const base = seen[since];
    const memory = grid({
      name: "memory",
      shape: [base.data.length],
      data: base.data,
      chosen: addressOf(last, at),
    });
    const shared =
      since === seen.length - 1
        ? seen.length > 1
          ? "The last operation copied: these are new numbers."
          : ""
        : "It shares this memory.";
    redraw(
      this.#views,
      element(
        "div",
        { class: "matrices" },
        grid({ name: "result", shape: last.shape, data: last.data, chosen: at, onChoose: choose }),
      ),
      element("p", {}, `Strides [${last.strides.join(", ")}], offset ${last.offset}. ${shared}`),
      element(
        "p",
        { class: "sum address" },
        `address = offset + Σ index · stride = ${addressInWords(last, at)}`,
      ),
      element("div", { class: "memory" }, memory),
    );
  }

  #changed(part: Partial<{ a: string; b: string; seed: number }>): void {
    this.#page.set(part);
    const [a, b] = [readShape(this.#page.value.a), readShape(this.#page.value.b)];
    const wanted = "one or two sizes from 1 to 6, such as 3, 1";
    this.#a.complain(a ? null : wanted);
    this.#b.complain(b ? a && broadcastFault(a, b) : wanted);
    const seed = whole(this.#page.value.seed, 1, 20);
    void this.#faults.try(async () => {
      if (a && b && broadcastFault(a, b) === null)
        this.#drawBroadcast(await this.#calls.call("broadcast", { a, b, seed }));
      this.#drawProduct(await this.#calls.call("product", { seed }));
    });
  }

  #drawBroadcast(walked: Walked): void {
    const { a, b, y, g, da, db } = walked;
    const at = whole(this.#page.value.cell, 0, da.data.length - 1);
    const from = readers(at, a.shape, y.shape);
    const choose = (cell: number) => {
      this.#page.set({ cell });
      this.#drawBroadcast(walked);
    };
    const marked = new Set(from);
    redraw(
      this.#broadcast,
      element(
        "div",
        { class: "matrices" },
        grid({ name: "a", ...a, chosen: at, onChoose: choose }),
        grid({ name: "b", ...b }),
        grid({ name: "a + b", ...y, marked }),
        grid({ name: "g, from above", ...g, marked }),
        grid({ name: "gradient of a", ...da, chosen: at }),
        grid({ name: "gradient of b", ...db }),
      ),
      element(
        "p",
        { class: "sum undone" },
        `${from.map((place) => bracketed(g.data[place])).join(" + ")} = ${shown(da.data[at])}`,
      ),
    );
  }

  #drawProduct(walked: Walked): void {
    const { a, b, g, da, db } = walked;
    const of = this.#page.value.of === "db" ? "db" : "da";
    const gradient = of === "da" ? da : db;
    const at = whole(this.#page.value.place, 0, gradient.data.length - 1);
    const terms = productTerms(of, at, a, b, g);
    const [left, right] = of === "da" ? [g, b] : [a, g];
    const marks = (matrix: unknown) =>
      new Set(
        terms.flatMap((term) => [
          ...(matrix === left ? [term.left] : []),
          ...(matrix === right ? [term.right] : []),
        ]),
      );
    const choose = (name: "da" | "db") => (place: number) => {
      this.#page.set({ of: name, place });
      this.#drawProduct(walked);
    };
    redraw(
      this.#product,
      element(
        "div",
        { class: "matrices" },
        grid({ name: "a", ...a, marked: marks(a) }),
        grid({ name: "b", ...b, marked: marks(b) }),
        grid({ name: "g", ...g, marked: marks(g) }),
        grid({ name: "da", ...da, chosen: of === "da" ? at : null, onChoose: choose("da") }),
        grid({ name: "db", ...db, chosen: of === "db" ? at : null, onChoose: choose("db") }),
      ),
      element(
        "p",
        { class: "sum terms" },
        `${terms.map((t) => `${bracketed(left.data[t.left])} · ${bracketed(right.data[t.right])}`).join(" + ")} = ${shown(gradient.data[at])}`,
      ),
    );
  }
}
