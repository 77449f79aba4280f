import { canvas, colours, onScheme } from "../lib/colours.ts";
import { button, choice, panel, pick, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { drawing, element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { clamp, keyOf, whole } from "../lib/limits.ts";
import { type Line, lines } from "../lib/lines.ts";
import { shown } from "../lib/numbers.ts";
import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { WorkerCalls } from "../lib/worker-calls.ts";
import {
  RACERS,
  type Race,
  type RaceWork,
  SCHEDULES,
  STEPS,
  SURFACES,
  type Surface,
  type Track,
  VIEWS,
} from "./names.ts";

const style = `
.live .map { position: relative; } .live .map svg { position: absolute; inset: 0; }
.live .map .path { fill: none; stroke-width: 2; stroke-linejoin: round; }
.live .key { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-size: 13.5px; font-weight: 600; }
`;

const COLORS = { sgd: "ink", momentum: "blue", rmsprop: "muted", adam: "orange" } as const;
const CELLS = 90;
const CLIPS = { none: "no clipping", norm1: "norm at most 1", norm02: "norm at most 0.2" } as const;

export function mount(root: HTMLElement): () => void {
  useStyle("race", style);
  return new RacePage(root).end;
}

class RacePage {
  readonly #root: HTMLElement;
  readonly #page = urlState({ on: "valley", rate: 1, schedule: "constant", clip: "none", step: STEPS });
  readonly #calls = new WorkerCalls<RaceWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  #tracks: readonly Track[] = [];
  #heights: { readonly surface: Surface; readonly list: Float32Array } | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #faults = new Faults();
  readonly #place = element("div", { class: "map", role: "img", style: "min-height:200px" });
  readonly #map = drawn(this.#place, (width) => this.#draw(width));
  readonly #chart = element("div", { style: "min-height:240px" });
  readonly #losses = drawn(this.#chart, (width) => this.#curve(width));
  readonly #result = element("div", { class: "scroll", "aria-live": "polite" });
  readonly #scrub = slider({
    label: "Step",
    min: 0,
    max: STEPS,
    step: 1,
    value: this.#step,
    onInput: (step) => this.#go(step),
  });
  readonly #play = button("Race", () => this.#toggle(), { class: "main" });
  readonly #endScheme = onScheme(() => this.#map.again());
  readonly end = (): void => {
    this.#pause();
    this.#endScheme();
    this.#map.end();
    this.#losses.end();
    this.#calls.stop();
  };

  constructor(root: HTMLElement) {
    this.#root = root;
    const { surface, rate, schedule } = this.#race;
    const set = (part: Record<string, string | number>) => {
      this.#page.set(part);
      this.#ask();
    };
    const controls = [
      pick({ label: "Surface", options: SURFACES, value: surface, onChange: (on) => set({ on }) }),
      pick({
        label: "Schedule",
        options: SCHEDULES,
        value: schedule,
        onChange: (name) => set({ schedule: name }),
      }),
      choice({
        label: "Gradients",
        options: CLIPS,
        value: keyOf(CLIPS, this.#page.value.clip),
        onChange: (clip) => set({ clip }),
      }),
      slider({
        label: "Rate, times each one’s own",
        min: 0.1,
        max: 4,
        step: 0.1,
        value: rate,
        show: (x) => `${x.toFixed(1)}×`,
        onInput: (x) => set({ rate: x }),
      }),
    ];
    const keys = Object.entries(RACERS).map(([key, name]) =>
      element("span", { style: `color: var(--${COLORS[key as keyof typeof COLORS]})` }, `● ${name}`),
    );
    root.append(
      row(...controls.map((one) => one.element)),
      row(this.#play, this.#scrub.element),
      this.#faults.element,
      panel(
        "surface",
        "Darker is higher; each band is one contour. The dot is where a racer stands.",
        this.#place,
        element("div", { class: "key" }, ...keys),
      ),
      panel("losses", "The height under each racer. The lower, the better.", this.#chart, this.#result),
    );
    this.#ask();
  }

  get #race(): Race {
    const { on, rate, schedule, clip } = this.#page.value;
    const chosen = keyOf(CLIPS, clip);
    return {
      surface: keyOf(SURFACES, on),
      rate: clamp(rate, 0.1, 4),
      schedule: keyOf(SCHEDULES, schedule),
      clip: { none: null, norm1: 1, norm02: 0.2 }[chosen],
    };
  }

  get #step(): number {
    return whole(this.#page.value.step, 0, STEPS);
  }

  #ask(): void {
    const asked = this.#race;
    void this.#faults.try(async () => {
      const tracks = await this.#calls.call("race", asked);
      const { surface } = asked;
      const list =
        this.#heights?.surface === surface
          ? this.#heights.list
          : await this.#calls.call("heights", { surface, n: CELLS });
      if (surface !== this.#race.surface) return;
      [this.#tracks, this.#heights] = [tracks, { surface, list }];
      this.#show();
    });
  }

  #go(step: number): void {
    this.#page.set({ step });
    this.#scrub.set(step);
    this.#show();
  }

  #toggle(): void {
    if (this.#timer !== null) {
      this.#pause();
      return;
    }
    this.#play.textContent = "Stop";
    if (this.#step >= STEPS) this.#go(0);
    this.#timer = setInterval(() => {
      this.#go(Math.min(STEPS, this.#step + 1));
      if (this.#step >= STEPS) this.#pause();
    }, 33);
  }

  #pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#play.textContent = "Race";
  }

  #show(): void {
    const words = this.#tracks.map(
      (track) => `${RACERS[track.racer]} at ${shown(lossAt(track, this.#step))}`,
    );
    this.#place.ariaLabel = `Paths on the surface ${SURFACES[this.#race.surface]}, step ${this.#step}: ${words.join(", ")}.`;
    this.#map.again();
    this.#losses.again();
    const cells = this.#tracks.map((track) =>
      element(
        "tr",
        { "data-racer": track.racer },
        element("th", { scope: "row" }, RACERS[track.racer]),
        element("td", { class: "number" }, shown(lossAt(track, this.#step), 5)),
        element(
          "td",
          { class: "number" },
          shown(track.rates[Math.min(this.#step, track.rates.length - 1)] ?? 0, 3),
        ),
      ),
    );
    const head = [`after ${this.#step} steps`, "height", "learning rate"].map((text, i) =>
      element("th", { scope: "col", class: i ? "number" : null }, text),
    );
    this.#result.replaceChildren(
      element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...cells)),
    );
  }

  #draw(width: number): Node {
    const { surface } = this.#race;
    const height = Math.round(Math.min(width * 0.6, 440));
    const { x, y } = VIEWS[surface];
    const [made, context] = canvas(width, height);
    const { ink } = colours(this.#root);
    if (this.#heights?.surface === surface) shade(context, [width, height], this.#heights.list, ink);
    const at = ([a, b]: readonly [number, number]) =>
      [((a - x[0]) / (x[1] - x[0])) * width, ((y[1] - b) / (y[1] - y[0])) * height].map((n) =>
        clamp(n, -1e4, 1e4).toFixed(1),
      );
    const paths = this.#tracks.flatMap(({ racer, points }) => {
      const seen = points.slice(0, this.#step + 1).map(at);
      const [cx, cy] = seen[seen.length - 1];
      const paint = `var(--${COLORS[racer]})`;
      return [
        drawing("path", {
          d: `M${seen.map((p) => p.join(" ")).join("L")}`,
          class: "path",
          style: `stroke: ${paint}`,
        }),
        drawing("circle", { cx, cy, r: 5, style: `fill: ${paint}` }),
      ];
    });
    return element(
      "div",
      { style: `position:relative;height:${height}px;overflow:hidden;border-radius:6px` },
      made,
      drawing("svg", { width, height, viewBox: `0 0 ${width} ${height}` }, ...paths),
    );
  }

  #curve(width: number): Node {
    const list: Line[] = this.#tracks.map(({ racer, losses }) => ({
      name: RACERS[racer],
      color: COLORS[racer],
      points: losses.map((loss, i) => [i, clamp(loss, 1e-9, 1e6)] as const),
    }));
    const alt = `Height over steps. After ${STEPS}: ${this.#tracks.map((one) => `${RACERS[one.racer]} ${shown(lossAt(one, STEPS))}`).join(", ")}.`;
    return lines(list, {
      width,
      height: 240,
      x: "step",
      y: "height",
      log: "y",
      at: this.#step,
      alt,
      names: 92,
    });
  }
}

const lossAt = ({ losses }: Track, step: number): number => losses[Math.min(step, losses.length - 1)];

/** Bands of equal height on a logarithmic scale. */
function shade(
  context: CanvasRenderingContext2D,
  [width, height]: readonly [number, number],
  list: Float32Array,
  ink: string,
): void {
  const logs = Array.from(list, (value) => Math.log(Math.max(0, value) + 0.02));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const n = Math.sqrt(list.length);
  const edge = (i: number, size: number) => Math.round((i * size) / n); // whole pixels: overlaps would show as a net
  context.fillStyle = ink;
  for (const [i, value] of logs.entries()) {
    context.globalAlpha = 0.015 + 0.26 * (Math.floor((14 * (value - least)) / (most - least)) / 14);
    const [column, line] = [i % n, Math.floor(i / n)];
    const [left, top] = [edge(column, width), edge(line, height)];
    context.fillRect(left, top, edge(column + 1, width) - left, edge(line + 1, height) - top);
  }
  context.globalAlpha = 1;
}
