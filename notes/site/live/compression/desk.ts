import { button, choice, panel, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { keyOf, whole } from "../lib/limits.ts";
import { bytes, percent, shown } from "../lib/numbers.ts";
import type { UrlState } from "../lib/url-state.ts";
import type { WorkerCalls } from "../lib/worker-calls.ts";
import { front } from "./charts.ts";
import { nameOf, readSettings, writeSettings } from "./settings.ts";
import {
  type Against,
  BITS,
  type Bits,
  type CompressionWork,
  type Point,
  type Setting,
  SPARSITIES,
} from "./work.ts";

/** `made` holds the settings that were measured: who opens the link measures them anew. */
export const DESK = { bits: "8", sparsity: 50, made: "32-0", against: "bytes" };
export type DeskState = typeof DESK;

const AXES: Readonly<Record<Against, string>> = { bytes: "size", ms: "time" };

/** Bits and zeros against accuracy, size and time: each measurement is a point, and those that nothing beats form the front. */
export class Desk {
  readonly #page: UrlState<DeskState>;
  readonly #calls: WorkerCalls<CompressionWork>;
  readonly #faults = new Faults();
  readonly #status = element("p", { class: "status", role: "status" });
  readonly #place = element("div", { style: "min-height: 280px" });
  readonly #chart = drawn(this.#place, (width) => front(this.#points, this.#front, this.#against, width));
  readonly #table = element("div", { class: "scroll" });
  #points: Point[] = [];
  #front: readonly number[] = [];
  /** Counts what was asked for: older measurements end. */
  #turn = 0;
  readonly end = (): void => {
    this.#turn++;
    this.#chart.end();
  };

  constructor(root: HTMLElement, page: UrlState<DeskState>, calls: WorkerCalls<CompressionWork>) {
    [this.#page, this.#calls] = [page, calls];
    root.append(
      panel(
        "desk",
        "Each point is the digit network with fewer bits or fewer weights, measured here and now. The dashed line joins those that no other beats.",
        element("p", { class: "heading" }, "1. Compression desk"),
        ...this.#controls(),
        this.#faults.element,
        this.#status,
        this.#place,
        this.#table,
      ),
    );
    void this.#measure(readSettings(page.value.made));
  }

  get #setting(): Setting {
    const { bits, sparsity } = this.#page.value;
    return { bits: keyOf(BITS, bits), sparsity: whole(sparsity, 0, 98) };
  }
  get #against(): Against {
    return keyOf(AXES, this.#page.value.against);
  }

  #controls(): HTMLElement[] {
    const { bits, sparsity } = this.#setting;
    const widths = choice<Bits>({
      label: "Bits of a weight",
      options: BITS,
      value: bits,
      onChange: (chosen) => this.#page.set({ bits: chosen }),
    });
    const zeros = slider({
      ...{ label: "Weights set to 0", min: 0, max: 98, step: 1, value: sparsity },
      show: (share) => `${share} %`,
      onInput: (share) => this.#page.set({ sparsity: share }),
    });
    const axis = choice<Against>({
      ...{ label: "Accuracy against", options: AXES, value: this.#against },
      onChange: (against) => {
        this.#page.set({ against });
        void this.#faults.try(() => this.#show());
      },
    });
    const all = (Object.keys(BITS) as Bits[]).flatMap((bits) =>
      SPARSITIES.map((sparsity): Setting => ({ bits, sparsity })),
    );
    return [
      row(widths.element, zeros.element),
      row(
        button("Measure", () => void this.#measure([this.#setting]), { class: "main" }),
        button("Measure all bits with six sparsities", () => void this.#measure(all)),
        button("Stop", () => this.#stop()),
        button("Start afresh", () => this.#clear()),
        axis.element,
      ),
    ];
  }

  #stop(): void {
    this.#turn++;
    this.#status.textContent = "Stopped.";
  }

  #clear(): void {
    this.#turn++;
    this.#points = [];
    this.#keep();
    void this.#measure(readSettings(DESK.made));
  }

  #keep(): void {
    this.#page.set({ made: writeSettings(this.#points) });
  }

  async #measure(settings: readonly Setting[]): Promise<void> {
    const turn = ++this.#turn;
    await this.#faults.try(async () => {
      for (const [i, setting] of settings.entries()) {
        this.#status.textContent = `Measures ${nameOf(setting)} … (${i + 1} of ${settings.length})`;
        const point = await this.#calls.call("measure", setting);
        if (turn !== this.#turn) return;
        const others = this.#points.filter((other) => nameOf(other) !== nameOf(point));
        this.#points = [point, ...others];
        this.#keep();
        await this.#show();
      }
      const [last] = this.#points;
      if (turn === this.#turn && last)
        this.#status.textContent = `${nameOf(last)}: ${percent(last.accuracy)} of 1,000 test digits, ${bytes(last.bytes)}.`;
    });
  }

  async #show(): Promise<void> {
    const [points, against] = [this.#points, this.#against];
    const best = await this.#calls.call("front", { points, against });
    if (points !== this.#points || against !== this.#against) return; // there is a newer one
    this.#front = best;
    this.#chart.again();
    this.#table.replaceChildren(table(points, new Set(best)));
  }
}

function table(points: readonly Point[], best: ReadonlySet<number>): HTMLElement {
  const head = ["network", "accuracy", "size", "100 digits in", "on the front"];
  const line = (point: Point, i: number): HTMLElement =>
    element(
      "tr",
      { "data-point": `${point.bits}-${point.sparsity}` },
      element("th", { scope: "row" }, nameOf(point)),
      ...[
        percent(point.accuracy),
        bytes(point.bytes),
        `${shown(point.ms, 3)} ms`,
        best.has(i) ? "yes" : "",
      ].map((text) => element("td", { class: "number" }, text)),
    );
  const titles = head.map((text, i) => element("th", { scope: "col", class: i ? "number" : null }, text));
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...titles)),
    element("tbody", {}, ...points.map(line)),
  );
}
