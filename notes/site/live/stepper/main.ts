import { button, choice, field, panel, pick, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { keyOf, whole } from "../lib/limits.ts";
import { shown } from "../lib/numbers.ts";
import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { type Graph, graphOf } from "./build.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { ExpressionError } from "./parse.ts";
import { type Mode, type Passes, runOf, type Step } from "./passes.ts";
import { picture, pictureStyle } from "./picture.ts";

const EXAMPLES = {
  "a = 2; b = -3; c = 10; f = (a*b + c)^2": "the graph of note 00",
  "x = 2; y = x^2; u = 3*y; w = y + 1; f = u*w": "a diamond: y has two users",
  "a = 3; b = a + a; c = b + b": "doubled twice",
  "x = 3; y = x*x": "a value used twice",
  "x = 0.5; w = 0.8; b = 0.1; y = tanh(w*x + b); loss = (y - 1)^2": "a neuron and its loss",
  "x = 1.5; s = 1 / (1 + exp(-x))": "sigmoid, by hand",
} as const;

const MODES: Readonly<Record<Mode, string>> = {
  right: "right",
  naive: "naive recursion",
  kept: "forgot to zero",
  assigned: "= in place of +=",
};

const ABOUT: Readonly<Record<Mode, string>> = {
  right: "Each node waits until all its users have added their part. Then it passes its gradient on, once.",
  naive: "A node passes its gradient on at each arrival. What had arrived before is passed on again.",
  kept: "The pass runs twice, and nothing is set to 0 in between. Old gradients are passed on as if they were new.",
  assigned: "The last contribution overwrites all others. A value that is used twice loses one of its uses.",
};

/** In the address: whatever the last step is. */
const END = 9999;

const style = `${pictureStyle}
.live .now { font: 15px/1.5 ui-monospace, Menlo, Consolas, monospace; min-height: 3em; overflow-wrap: anywhere; }
.live .steps { max-height: 15rem; overflow-y: auto; margin: 0; padding: 0; list-style: none; font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; }
.live .steps button { display: block; width: 100%; text-align: left; border: 0; border-radius: 5px; padding: 0.15rem 0.5rem; font: inherit; background: none; overflow-wrap: anywhere; }
.live .steps [aria-current="true"] { background: color-mix(in oklab, var(--blue) 14%, transparent); }
.live .steps .later { color: var(--muted); }
`;

/** Type an expression, and go through its forward and backward pass one number at a time. */
export function mount(root: HTMLElement): () => void {
  useStyle("stepper", style);
  return new Stepper(root).end;
}

class Stepper {
  readonly #page = urlState({ e: Object.keys(EXAMPLES)[0], mode: "right", step: END });
  #graph: Graph | null = null;
  #layout: Layout | null = null;
  #run: Passes = { steps: [], right: [], cut: false };
  readonly #text = field({
    label:
      "Expression: names, numbers, + − * / ^, tanh relu sigmoid exp log sqrt abs; “;” between statements",
    value: this.#page.value.e,
    onInput: (e) => this.#read(e, true),
  });
  readonly #examples = pick<string>({
    label: "Or take an example",
    options: { "": "…", ...EXAMPLES },
    value: "",
    onChange: (e) => {
      if (e === "") return;
      this.#text.set(e);
      this.#read(e, true);
    },
  });
  readonly #modes = choice({
    label: "Way back",
    options: MODES,
    value: this.#mode,
    onChange: (mode) => {
      this.#page.set({ mode, step: END });
      this.#rerun();
    },
  });
  readonly #scrub = slider({
    label: "Step",
    min: 0,
    max: 0,
    step: 1,
    value: 0,
    show: (i) => `${i} of ${this.#last}`,
    onInput: (step) => this.#go(step),
  });
  readonly #about = element("p", { class: "quiet" });
  readonly #now = element("p", { class: "now", "aria-live": "polite" });
  readonly #verdict = element("span", { class: "verdict" });
  readonly #list = element("ol", { class: "steps", "aria-label": "All steps" });
  readonly #place = element("div", {});
  readonly #view = drawn(this.#place, (room) => this.#picture(room));
  readonly end = (): void => this.#view.end();

  constructor(root: HTMLElement) {
    const move = (by: number) => () => this.#go(this.#step + by);
    const buttons = [
      button("|◀", () => this.#go(0), { "aria-label": "To the start" }),
      button("◀", move(-1), { "aria-label": "One step back" }),
      button("▶", move(1), { "aria-label": "One step on", class: "main" }),
      button("▶|", () => this.#go(this.#last), { "aria-label": "To the end" }),
    ];
    root.append(
      row(this.#text.element),
      row(this.#examples.element, this.#modes.element),
      this.#about,
      panel("graph", this.#verdict, this.#place),
      row(
        element("div", { class: "buttons", style: "display:flex;gap:0.4rem" }, ...buttons),
        this.#scrub.element,
      ),
      this.#now,
      panel("log", "Every step so far and to come. A press goes there.", this.#list),
    );
    this.#read(this.#page.value.e, false);
  }

  get #mode(): Mode {
    return keyOf(MODES, this.#page.value.mode);
  }

  get #last(): number {
    return Math.max(0, this.#run.steps.length - 1);
  }

  get #step(): number {
    return whole(this.#page.value.step, 0, this.#last);
  }

  /** A text that does not parse keeps the picture of the last one that did. */
  #read(e: string, typed: boolean): void {
    try {
      this.#graph = graphOf(e);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.#text.complain(
        `${error.message}\n${e.slice(Math.max(0, error.at - 20), error.at)}▸${e.slice(error.at, error.at + 20)}`,
      );
      return;
    }
    this.#text.complain(null);
    this.#layout = layoutOf(this.#graph.inputs);
    if (typed) this.#page.set({ e, step: END });
    this.#examples.set(e in EXAMPLES ? e : "");
    this.#rerun();
  }

  #rerun(): void {
    if (!this.#graph) return;
    const mode = this.#mode;
    this.#run = runOf(this.#graph, mode);
    this.#about.textContent = ABOUT[mode];
    this.#scrub.limit(this.#last);
    const items = this.#run.steps.map((step, i) =>
      element(
        "li",
        {},
        button(inOneLine(step), () => this.#go(i)),
      ),
    );
    this.#list.replaceChildren(...items);
    this.#show();
  }

  #go(step: number): void {
    const at = whole(step, 0, this.#last);
    this.#page.set({ step: at === this.#last ? END : at });
    this.#show();
  }

  #show(): void {
    const at = this.#step;
    const step = this.#run.steps[at];
    this.#scrub.set(at);
    this.#now.textContent = inOneLine(step);
    for (const [i, item] of [...this.#list.children].entries()) {
      const line = item.firstElementChild as HTMLElement;
      line.setAttribute("aria-current", String(i === at));
      line.classList.toggle("later", i > at);
    }
    const current = this.#list.children[at] as HTMLElement | undefined;
    if (current) this.#list.scrollTop = current.offsetTop - this.#list.offsetTop - 80;
    this.#verdict.textContent = this.#judge(step);
    this.#view.again();
  }

  #judge(step: Step): string {
    const mode = this.#mode;
    const { right, cut } = this.#run;
    const rest = cut ? " The recursion was cut after 2,000 steps." : "";
    if (mode === "right" || this.#step < this.#last)
      return `Data flows along the lines, gradients flow against them. Boxes in blue are inputs.${rest}`;
    const names = this.#graph?.names ?? [];
    const wrong = names.flatMap((name, i) =>
      Math.abs(step.grads[i] - right[i]) > 1e-12 * Math.abs(right[i])
        ? [`${name} has ${shown(step.grads[i])}, right is ${shown(right[i])}`]
        : [],
    );
    return (
      (wrong.length > 0
        ? `Wrong: ${wrong.join("; ")}.`
        : "All gradients are right here: nothing is used twice.") + rest
    );
  }

  #picture(room: number): HTMLElement {
    const [graph, layout, step] = [this.#graph, this.#layout, this.#run.steps[this.#step]];
    if (!graph || !layout || !step) return element("p", {}, "There is no picture yet.");
    const right = this.#mode === "right" ? null : this.#run.right;
    return picture({ graph, layout, step, right, atEnd: this.#step === this.#last }, room);
  }
}

const inOneLine = ({ formula, numbers }: Step): string => `${formula}  ${numbers}`.trim();
