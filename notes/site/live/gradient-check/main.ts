import { type Control, choice, panel, pick, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { clamp, keyOf } from "../lib/limits.ts";
import { lines } from "../lib/lines.ts";
import { shown } from "../lib/numbers.ts";
import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { WorkerCalls } from "../lib/worker-calls.ts";
import type { Look, Verdict } from "./look.ts";
import { BUG_NAMES, type Bug, SUBJECT_NAMES, type Subject } from "./names.ts";
import { ridders, riddersWords } from "./table.ts";
import { verdictTable } from "./verdicts.ts";
import type { CheckWork } from "./work.ts";

const style = `
.live .ridders td { text-align: right; font-size: 12px; padding: 0.15rem 0.5rem; white-space: nowrap; border: 0; }
.live .ridders th { font-weight: 500; color: var(--muted); white-space: nowrap; font-size: 12px; padding: 0.15rem 0.5rem 0.15rem 0; border: 0; }
.live .ridders td.best { outline: 2px solid var(--blue); border-radius: 4px; font-weight: 600; }
.live .verdicts tr[aria-current="true"] { background: color-mix(in oklab, var(--blue) 10%, transparent); }
.live .verdicts td:nth-child(n+2):nth-child(-n+3) { white-space: nowrap; }
`;

/** A derivative under the microscope: how near finite differences come, and who notices a planted bug. */
export function mount(root: HTMLElement): () => void {
  useStyle("gradient-check", style);
  return new Microscope(root).end;
}

class Microscope {
  readonly #page = urlState({ f: "tanh", x: 0.7, h: -5, bug: "none" });
  readonly #calls = new WorkerCalls<CheckWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  #look: Look | null = null;
  #verdicts: readonly Verdict[] = [];
  readonly #faults = new Faults();
  readonly #numbers = element("p", { class: "numbers", "aria-live": "polite" });
  readonly #table = element("div", { class: "scroll", tabindex: "0" });
  readonly #said = element("span", {}, "");
  readonly #judged = element("div", { class: "scroll" }, element("p", { class: "quiet" }, "Examining …"));
  readonly #place = element("div", { style: "min-height:300px" });
  readonly #view = drawn(this.#place, (width) => this.#curve(width));
  readonly #h = slider({
    label: "Step h",
    min: -16,
    max: 0,
    step: 0.25,
    value: this.#exponent,
    show: (exponent) => shown(10 ** exponent, 2),
    onInput: (h) => {
      this.#page.set({ h });
      this.#show();
    },
  });
  readonly #x = slider({
    label: "Point x",
    min: -2,
    max: 2,
    step: 0.01,
    value: this.#point,
    show: (x) => shown(x),
    onInput: (x) => {
      this.#page.set({ x });
      this.#ask();
    },
  });
  readonly end = (): void => {
    this.#view.end();
    this.#calls.stop();
  };

  constructor(root: HTMLElement) {
    const functions: Control<Subject> = choice({
      label: "Function",
      options: SUBJECT_NAMES,
      value: this.#subject,
      onChange: (f) => {
        this.#page.set({ f });
        this.#ask();
        this.#judge();
      },
    });
    const bugs: Control<Bug> = pick({
      label: "Planted bug in the derivative",
      options: BUG_NAMES,
      value: this.#bug,
      onChange: (bug) => {
        this.#page.set({ bug });
        this.#ask();
        this.#judgedAgain();
      },
    });
    root.append(
      row(functions.element, bugs.element),
      row(this.#x.element, this.#h.element),
      this.#faults.element,
      panel(
        "curve",
        "Left: too small a step, and rounding wins. Right: too large a step, and the bend of the function wins.",
        this.#place,
        this.#numbers,
      ),
      panel("table", this.#said, element("p", { class: "heading" }, "Ridders’ table, float64"), this.#table),
      panel(
        "judged",
        "Each bug is planted in turn; the library’s checks look on five seeds.",
        element("p", { class: "heading" }, "Who notices which bug"),
        this.#judged,
      ),
    );
    this.#ask();
    this.#judge();
  }

  get #subject(): Subject {
    return keyOf(SUBJECT_NAMES, this.#page.value.f);
  }
  get #bug(): Bug {
    return keyOf(BUG_NAMES, this.#page.value.bug);
  }
  get #exponent(): number {
    return Math.round(clamp(this.#page.value.h, -16, 0) * 4) / 4;
  }
  get #point(): number {
    return clamp(this.#page.value.x, -2, 2);
  }

  #ask(): void {
    const asked = { subject: this.#subject, x: this.#point, bug: this.#bug };
    void this.#faults.try(async () => {
      const found = await this.#calls.call("look", asked);
      if (asked.subject !== this.#subject || asked.x !== this.#point || asked.bug !== this.#bug) return;
      this.#look = found;
      this.#show();
    });
  }

  #judge(): void {
    const subject = this.#subject;
    void this.#faults.try(async () => {
      const verdicts = await this.#calls.call("judge", { subject });
      if (subject !== this.#subject) return;
      this.#verdicts = verdicts;
      this.#judgedAgain();
    });
  }

  #judgedAgain(): void {
    if (this.#verdicts.length > 0) this.#judged.replaceChildren(verdictTable(this.#verdicts, this.#bug));
  }

  #show(): void {
    if (!this.#look) return;
    const { points, backward, table } = this.#look;
    const point = points.reduce((a, b) =>
      distance(b.h, 10 ** this.#exponent) < distance(a.h, 10 ** this.#exponent) ? b : a,
    );
    const off = (slope: number) => `${shown(slope, 12)} (off by ${shown(Math.abs(slope - backward), 2)})`;
    this.#numbers.textContent = `h = ${shown(point.h, 2)}.  float32: ${off(point.float32)}.  float64: ${off(point.float64)}.  backward: ${shown(backward, 12)}.`;
    this.#table.replaceChildren(ridders(table, backward));
    this.#said.textContent = riddersWords(table, backward);
    this.#view.again();
  }

  #curve(width: number): Node {
    if (!this.#look) return element("p", { class: "quiet" }, "Computing …");
    const { points, backward } = this.#look;
    const error = (slope: number) => Math.max(Math.abs(slope - backward), 1e-17);
    const best = (kind: "float32" | "float64") =>
      points.reduce((a, b) => (error(b[kind]) < error(a[kind]) ? b : a));
    const [b32, b64] = [best("float32"), best("float64")];
    return lines(
      [
        { name: "float32", color: "orange", points: points.map(({ h, float32 }) => [h, error(float32)]) },
        { name: "float64", color: "blue", points: points.map(({ h, float64 }) => [h, error(float64)]) },
      ],
      {
        width,
        x: "step h",
        y: "difference from backward",
        log: "both",
        xRange: [1e-16, 1],
        yRange: [1e-15, 10],
        at: 10 ** this.#exponent,
        names: 60,
        alt:
          `Distance of finite differences from the derivative by backward, over the step h. float32 comes nearest at h = ${shown(b32.h, 2)}: ` +
          `${shown(error(b32.float32), 2)}. float64 comes nearest at h = ${shown(b64.h, 2)}: ${shown(error(b64.float64), 2)}.`,
      },
    );
  }
}

const distance = (a: number, b: number): number => Math.abs(Math.log(a / b));
