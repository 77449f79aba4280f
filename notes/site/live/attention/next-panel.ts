import { panel, row, slider } from "../lib/controls.ts";
import { element } from "../lib/elements.ts";
import { clamp, whole } from "../lib/limits.ts";
import { count, shown } from "../lib/numbers.ts";
import type { WorkerCalls } from "../lib/worker-calls.ts";
import { chancesOf, guesses, spoken } from "./chances.ts";
import { nextTable } from "./next.ts";
import type { State } from "./settings.ts";
import type { AttentionWork, Facts, Reading } from "./work.ts";

/** What comes next after the chosen character: the model's bars beside those of the counts. */
export class NextPanel {
  readonly element: HTMLElement;
  readonly #calls: WorkerCalls<AttentionWork>;
  readonly #page: State;
  readonly #failed: (error: unknown) => void;
  readonly #table = element("div", { class: "scroll" });
  readonly #said = element("p", { class: "counted" });
  #shown: { readonly facts: Facts; readonly reading: Reading; readonly at: number } | null = null;
  #turn = 0;

  constructor(calls: WorkerCalls<AttentionWork>, page: State, failed: (error: unknown) => void) {
    [this.#calls, this.#page, this.#failed] = [calls, page, failed];
    const set = (part: Partial<{ temperature: number; top: number; order: number }>) => {
      page.set(part);
      this.#again();
    };
    const { temperature, topK, order } = this.settings;
    const sliders = [
      slider({
        label: "Temperature",
        min: 0,
        max: 2,
        step: 0.05,
        value: temperature,
        show: (x) => x.toFixed(2),
        onInput: (x) => set({ temperature: x }),
      }),
      slider({
        label: "Top-k",
        min: 0,
        max: 20,
        step: 1,
        value: topK ?? 0,
        show: (k) => (k === 0 ? "all" : String(k)),
        onInput: (k) => set({ top: k }),
      }),
      slider({
        label: "Counted rows of",
        show: (n) => (n === 1 ? "1 character" : `${n} characters`),
        min: 1,
        max: 5,
        step: 1,
        value: order,
        onInput: (n) => set({ order: n }),
      }),
    ];
    this.element = panel(
      "next",
      "Blue: the model’s chance after temperature and top-k. Orange: smoothed counts of the training text, as they are.",
      element("p", { class: "heading" }, "What comes next"),
      row(...sliders.map((one) => one.element)),
      this.#said,
      this.#table,
    );
  }

  get settings(): { readonly temperature: number; readonly topK: number | null; readonly order: number } {
    const { temperature, top, order } = this.#page.value;
    const k = whole(top, 0, 65);
    return { temperature: clamp(temperature, 0, 2), topK: k === 0 ? null : k, order: whole(order, 1, 5) };
  }

  show(facts: Facts, reading: Reading, at: number): void {
    this.#shown = { facts, reading, at };
    this.#again();
  }

  #again(): void {
    const given = this.#shown;
    if (!given) return;
    const turn = ++this.#turn;
    const { facts, reading, at } = given;
    const { order, ...sampling } = this.settings;
    void (async () => {
      try {
        const counted = await this.#calls.call("count", { text: reading.seen.slice(0, at + 1), order });
        if (turn !== this.#turn) return;
        const alphabet = [...facts.alphabet];
        const scores = reading.scores.subarray(at * alphabet.length, (at + 1) * alphabet.length);
        const model = chancesOf(scores, sampling);
        this.#table.replaceChildren(nextTable(guesses(model, counted.chances), alphabet, order));
        const after = [...counted.history].map(spoken).join(", ");
        this.#said.textContent =
          (after === ""
            ? "Counts look at no character before. "
            : `Counts look at ${after}: ${count(counted.times)} times in the training text. `) +
          surprise(reading.seen[at + 1], alphabet, model, counted.chances);
      } catch (error) {
        this.#failed(error);
      }
    })();
  }
}

function surprise(
  next: string | undefined,
  alphabet: readonly string[],
  model: Float64Array,
  counted: Float64Array,
): string {
  if (next === undefined) return "";
  const nats = (chances: Float64Array) => shown(-Math.log(chances[alphabet.indexOf(next)]), 3);
  return `Then came ${spoken(next)}: a surprise of ${nats(model)} nats to the model, ${nats(counted)} to the counts.`;
}
