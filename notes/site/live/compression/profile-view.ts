import { button, choice, panel, row } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { keyOf } from "../lib/limits.ts";
import { count, percent, shown } from "../lib/numbers.ts";
import type { UrlState } from "../lib/url-state.ts";
import type { WorkerCalls } from "../lib/worker-calls.ts";
import { roof } from "./charts.ts";
import { flame } from "./flame.ts";
import { type CompressionWork, type Profiled, type Row, RUNS } from "./work.ts";

export const VIEW = { run: "step", profiled: false };
export type ViewState = typeof VIEW;

const ROWS = 12;

/** What a run costs, measured by the library's own `profile()`: a flame graph, a roofline, and the numbers of both. */
export class ProfileView {
  readonly #page: UrlState<ViewState>;
  readonly #calls: WorkerCalls<CompressionWork>;
  readonly #faults = new Faults();
  readonly #status = element("p", { class: "status", role: "status" });
  readonly #flamePlace = element("div", { class: "flame-place" });
  readonly #roofPlace = element("div", { class: "roof-place" });
  readonly #rows = element("div", { class: "scroll" });
  readonly #sentences = element("ul", { class: "sentences" });
  #found: Profiled | null = null;
  readonly #flame = drawn(this.#flamePlace, (width) =>
    this.#found ? flame(this.#found.tree, width) : document.createTextNode(""),
  );
  readonly #roof = drawn(this.#roofPlace, (width) =>
    this.#found ? roof(this.#found, width) : document.createTextNode(""),
  );
  readonly end = (): void => {
    this.#flame.end();
    this.#roof.end();
  };

  constructor(root: HTMLElement, page: UrlState<ViewState>, calls: WorkerCalls<CompressionWork>) {
    [this.#page, this.#calls] = [page, calls];
    const runs = choice({
      ...{ label: "A run of", options: RUNS, value: keyOf(RUNS, page.value.run) },
      onChange: (run) => {
        page.set({ run });
        if (this.#found) void this.#profile();
      },
    });
    root.append(
      panel(
        "profile",
        "A frame is as wide as its time; below it is what it consists of: phase, layer, operation, kernel. In the roofline, points at the slope wait for memory, those below the flat part for arithmetic.",
        element("p", { class: "heading" }, "2. Where the time goes"),
        row(
          runs.element,
          button("Profile", () => void this.#profile(), { class: "main" }),
        ),
        this.#faults.element,
        this.#status,
        this.#flamePlace,
        this.#sentences,
        this.#roofPlace,
        this.#rows,
      ),
    );
    if (page.value.profiled) void this.#profile();
  }

  async #profile(): Promise<void> {
    const run = keyOf(RUNS, this.#page.value.run);
    this.#page.set({ profiled: true });
    this.#status.textContent = "Measures the run, and what this machine can do at best …";
    const fine = await this.#faults.try(async () => {
      const found = await this.#calls.call("profile", run);
      if (run !== keyOf(RUNS, this.#page.value.run)) return;
      this.#found = found;
      this.#show(found);
    });
    if (!fine) this.#status.textContent = "";
  }

  #show({ wallMs, rows, sentences, ceilings }: Profiled): void {
    const [memory, arithmetic] = [ceilings.bytesPerSecond / 1e9, ceilings.flopsPerSecond / 1e9];
    this.#status.textContent =
      `${shown(wallMs, 3)} ms. A copy moves ${shown(memory, 3)} GB/s here, ` +
      `a matrix product computes ${shown(arithmetic, 3)} GFLOP/s.`;
    this.#flame.again();
    this.#roof.again();
    this.#sentences.replaceChildren(...sentences.map((text) => element("li", {}, text)));
    this.#rows.replaceChildren(table(rows.slice(0, ROWS), wallMs));
  }
}

function table(rows: readonly Row[], wallMs: number): HTMLElement {
  const head = ["operation", "ms", "share", "calls", "operations", "bytes", "operations a byte"];
  const line = ({ name, ms, calls, flops, bytes }: Row): HTMLElement =>
    element(
      "tr",
      { "data-operation": name },
      element("th", { scope: "row" }, name),
      ...[
        ...[shown(ms, 3), percent(ms / wallMs), count(calls), count(flops), count(bytes)],
        bytes > 0 ? shown(flops / bytes, 3) : "",
      ].map((text) => element("td", { class: "number" }, text)),
    );
  const titles = head.map((text, i) => element("th", { scope: "col", class: i ? "number" : null }, text));
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...titles)),
    element("tbody", {}, ...rows.map(line)),
  );
}
