import { button, choice, panel, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { clamp, whole } from "../lib/limits.ts";
import type { WorkerCalls } from "../lib/worker-calls.ts";
import { agreement, type Cost, type Costs, costCurve, costTable } from "./costs.ts";
import type { State } from "./settings.ts";
import type { AttentionWork, Wish } from "./work.ts";

export interface WritePanelOptions {
  /** What is to be continued; null where it is faulty, which the page says itself. */
  readonly prompt: () => string | null;
  /** How many characters the model sees at once. */
  readonly window: () => number;
  readonly begun: () => void;
  /** The prompt and what the model wrote. */
  readonly written: (text: string) => void;
  readonly failed: (error: unknown) => void;
}

const NOTHING: Costs = { on: null, off: null };

/** Generation, with a cache and without, and what each costs. */
export class WritePanel {
  readonly element: HTMLElement;
  readonly #calls: WorkerCalls<AttentionWork>;
  readonly #page: State;
  readonly #options: WritePanelOptions;
  #costs: Costs = NOTHING;
  /** What both ways have in common, as one text: costs of something else are not compared. */
  #common = "";
  #turn = 0;
  readonly #go = button("Write", () => this.#toggle(), { class: "main" });
  readonly #text = element("pre", { class: "output written", "aria-live": "off" });
  readonly #table = element("div", { class: "scroll" });
  readonly #said = element("p", { class: "agreement", role: "status" });
  readonly #chart = element("div", {});
  readonly #curve = drawn(this.#chart, (width) => costCurve(this.#costs, width));

  constructor(calls: WorkerCalls<AttentionWork>, page: State, options: WritePanelOptions) {
    [this.#calls, this.#page, this.#options] = [calls, page, options];
    const { length, seed, cache } = this.#wish("");
    const controls = [
      slider({
        label: "Characters",
        min: 10,
        max: 300,
        step: 10,
        value: length,
        onInput: (n) => page.set({ length: n }),
      }),
      slider({ label: "Seed", min: 1, max: 20, step: 1, value: seed, onInput: (n) => page.set({ seed: n }) }),
      choice({
        label: "Cache of keys and values",
        options: { on: "on", off: "off" },
        value: cache ? "on" : "off",
        onChange: (chosen) => page.set({ cache: chosen === "on" }),
      }),
    ];
    this.element = panel(
      "write",
      "With the cache a character costs the same anywhere. Without it, all characters before it are computed again. A point of the line is the middle of nine characters.",
      element("p", { class: "heading" }, "Let it write"),
      row(...controls.map((one) => one.element), this.#go),
      this.#text,
      this.#table,
      this.#said,
      this.#chart,
    );
  }

  end(): void {
    this.#turn++;
    this.#curve.end();
  }

  #wish(prompt: string): Wish {
    const { temperature, top, length, seed, cache } = this.#page.value;
    const topK = whole(top, 0, 65);
    return {
      prompt,
      length: whole(length, 1, 300),
      temperature: clamp(temperature, 0, 2),
      topK: topK === 0 ? null : topK,
      seed: whole(seed, 1, 20),
      cache,
    };
  }

  #toggle(): void {
    const isRunning = this.#go.textContent === "Stop";
    const turn = ++this.#turn;
    this.#go.textContent = "Write";
    const prompt = this.#options.prompt();
    if (isRunning || prompt === null) return;
    this.#go.textContent = "Stop";
    void this.#write(turn, this.#wish(prompt)).catch((error: unknown) => {
      this.#go.textContent = "Write";
      this.#options.failed(error);
    });
  }

  async #write(turn: number, wish: Wish): Promise<void> {
    const common = JSON.stringify({ ...wish, cache: null });
    if (common !== this.#common) [this.#common, this.#costs] = [common, NOTHING];
    this.#options.begun();
    await this.#calls.call("begin", wish);
    let cost: Cost = { text: wish.prompt, times: [], bytes: { used: 0, room: 0 }, isWhole: false };
    while (turn === this.#turn && !cost.isWhole) {
      const { text, times, done, bytes } = await this.#calls.call("more", { ms: 60 });
      cost = { text: cost.text + text, times: [...cost.times, ...times], bytes, isWhole: done };
      this.#take(wish, cost);
    }
    this.#options.written(cost.text);
    if (turn === this.#turn) this.#go.textContent = "Write";
  }

  #take({ cache }: Wish, cost: Cost): void {
    this.#costs = { ...this.#costs, [cache ? "on" : "off"]: cost };
    this.#text.textContent = cost.text;
    this.#table.replaceChildren(costTable(this.#costs));
    this.#said.textContent = agreement(this.#costs, this.#options.window()) ?? "";
    this.#curve.again();
  }
}
