import { onScheme } from "../lib/colours.ts";
import { button, choice, panel, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { clamp, keyOf, whole } from "../lib/limits.ts";
import { percent, shown } from "../lib/numbers.ts";
import { useStyle } from "../lib/style.ts";
import { urlState } from "../lib/url-state.ts";
import { WorkerCalls } from "../lib/worker-calls.ts";
import { plane } from "./plane.ts";
import { EDGE, type Points, readPoints, SHAPES, type Shape, withPoint, writePoints } from "./points.ts";
import { enginesTable, lossCurve } from "./report.ts";
import type { BoundaryWork, Progress } from "./work.ts";

const style = `
.live .plane { cursor: crosshair; border-radius: 6px; touch-action: manipulation; }
.live .plane canvas { border-radius: 6px; }
`;

/** Training ends here by itself. */
const MOST_STEPS = 2000;
const STEPS_AT_ONCE = 20;

export function mount(root: HTMLElement): () => void {
  useStyle("boundary", style);
  return new Playground(root).end;
}

class Playground {
  readonly #root: HTMLElement;
  readonly #page = urlState({ set: "xor", width: 8, lr: 0.5, momentum: 0.9, seed: 1, points: "" });
  readonly #calls = new WorkerCalls<BoundaryWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  #points: Points = { x: [], y: [] };
  #grid: Float32Array | null = null;
  #history: Progress[] = [];
  #cursor: [number, number] | null = null;
  /** Counts trainings: one whose number is no longer this ends. */
  #turn = 0;
  readonly #faults = new Faults();
  readonly #status = element("p", { class: "status", role: "status" });
  readonly #canvas = element("div", { class: "plane", role: "img", tabindex: "0" });
  readonly #plane = drawn(this.#canvas, (width) => this.#draw(Math.min(width, 460)));
  readonly #chart = element("div", { style: "min-height:220px" });
  readonly #losses = drawn(this.#chart, (width) => this.#curve(width));
  readonly #table = element("div", { class: "scroll" });
  readonly #train = button("Train", () => this.#toggle(), { class: "main" });
  readonly #endScheme = onScheme(() => this.#plane.again());
  readonly end = (): void => {
    this.#turn++;
    this.#endScheme();
    this.#plane.end();
    this.#losses.end();
    this.#calls.stop();
  };

  constructor(root: HTMLElement) {
    this.#root = root;
    const { width, lr, momentum, seed } = this.#settings;
    const set = (part: Record<string, number | string>) => {
      this.#page.set(part);
      this.#begin();
    };
    const shape = choice({
      label: "Points",
      options: SHAPES,
      value: this.#shape,
      onChange: (chosen) => set({ set: chosen }),
    });
    const sliders = [
      slider({
        label: "Neurons a layer",
        min: 1,
        max: 16,
        step: 1,
        value: width,
        onInput: (n) => set({ width: n }),
      }),
      slider({
        label: "Learning rate",
        min: 0.05,
        max: 2,
        step: 0.05,
        value: lr,
        show: (x) => x.toFixed(2),
        onInput: (x) => set({ lr: x }),
      }),
      slider({
        label: "Momentum",
        min: 0,
        max: 0.95,
        step: 0.05,
        value: momentum,
        show: (x) => x.toFixed(2),
        onInput: (x) => set({ momentum: x }),
      }),
      slider({ label: "Seed", min: 1, max: 20, step: 1, value: seed, onInput: (n) => set({ seed: n }) }),
    ];
    const buttons = [
      this.#train,
      button("One step", () => this.#once()),
      button("Start afresh", () => this.#begin()),
    ];
    this.#canvas.addEventListener("click", (event) => this.#clicked(event));
    this.#canvas.addEventListener("keydown", (event) => this.#key(event));
    const pictures = element(
      "div",
      { class: "side" },
      panel(
        "boundary",
        "Circles are class 1, squares class 0. The fuller the colour, the surer the network.",
        this.#canvas,
      ),
      panel(
        "loss",
        "Both engines begin with the same weights, so their losses fall together.",
        this.#chart,
        this.#table,
      ),
    );
    root.append(
      row(shape.element),
      row(...sliders.map((one) => one.element)),
      row(...buttons),
      this.#faults.element,
      this.#status,
      pictures,
    );
    this.#begin();
  }

  get #shape(): Shape {
    return keyOf(SHAPES, this.#page.value.set);
  }

  get #settings() {
    const { width, lr, momentum, seed } = this.#page.value;
    return {
      width: whole(width, 1, 16),
      lr: clamp(lr, 0.05, 2),
      momentum: clamp(momentum, 0, 0.95),
      seed: whole(seed, 1, 20),
    };
  }

  /** New weights; nothing learned yet. */
  #begin(): void {
    const turn = ++this.#turn;
    const [shape, settings] = [this.#shape, this.#settings];
    this.#busy(false);
    this.#history = [];
    const points = shape === "own" ? readPoints(this.#page.value.points) : { shape, seed: settings.seed };
    if ("x" in points && points.x.length === 0) {
      [this.#points, this.#grid] = [points, null];
      this.#show("Click into the plane: circles. With Shift: squares. By keyboard: arrows, then 1 or 0.");
      return;
    }
    void this.#try(async () => {
      const started = await this.#calls.call("start", { points, settings });
      if (turn !== this.#turn) return;
      [this.#points, this.#grid] = [started.points, started.grid];
      this.#show(`${started.points.x.length} points. Nothing is learned yet.`);
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (!(await this.#faults.try(work))) this.#busy(false);
  }

  #busy(on: boolean): void {
    this.#train.textContent = on ? "Stop" : "Train";
  }

  #once(): void {
    const turn = ++this.#turn;
    this.#busy(false);
    void this.#try(() => this.#advance(turn, 1));
  }

  #toggle(): void {
    const running = this.#train.textContent === "Stop";
    const turn = ++this.#turn;
    this.#busy(!running);
    if (!running) void this.#try(() => this.#run(turn));
  }

  async #run(turn: number): Promise<void> {
    const start = performance.now();
    while (turn === this.#turn && (this.#history.at(-1)?.step ?? 0) < MOST_STEPS) {
      const before = this.#history.at(-1)?.tensor.accuracy ?? 0;
      await this.#advance(turn, STEPS_AT_ONCE);
      const { tensor, step } = this.#history.at(-1) as Progress;
      if (before < 1 && tensor.accuracy === 1 && turn === this.#turn)
        this.#say(
          `All points right after ${step} steps, ${((performance.now() - start) / 1000).toFixed(2)} s.`,
        );
      if (tensor.loss < 0.01) break;
    }
    if (turn === this.#turn) this.#busy(false);
  }

  async #advance(turn: number, steps: number): Promise<void> {
    if (this.#points.x.length === 0) return;
    const progress = await this.#calls.call("run", { steps, ms: 100 });
    if (turn !== this.#turn && steps > 1) return;
    this.#history.push(progress);
    this.#grid = progress.grid;
    const { step, tensor } = progress;
    this.#show(`Step ${step}: loss ${shown(tensor.loss)}, ${percent(tensor.accuracy, 0)} right.`);
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }

  #show(text: string): void {
    this.#say(text);
    this.#canvas.ariaLabel = `The plane with ${this.#points.x.length} points. ${text}`;
    this.#plane.again();
    this.#losses.again();
    this.#table.replaceChildren(...enginesTable(this.#history));
  }

  #clicked({ clientX, clientY, shiftKey }: MouseEvent): void {
    const box = this.#canvas.firstElementChild?.getBoundingClientRect();
    if (!box) return;
    const [a, b] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    if (a >= 0 && a <= 1 && b >= 0 && b <= 1)
      this.#add([EDGE * (2 * a - 1), EDGE * (1 - 2 * b)], shiftKey ? 0 : 1);
  }

  #key(event: KeyboardEvent): void {
    const move = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[
      event.key
    ];
    if (!move && event.key !== "0" && event.key !== "1") return;
    event.preventDefault();
    const [a, b] = this.#cursor ?? [0, 0];
    if (!move) this.#add([a, b], event.key === "1" ? 1 : 0);
    else this.#cursor = [clamp(a + move[0], -EDGE, EDGE), clamp(b + move[1], -EDGE, EDGE)];
    this.#plane.again();
  }

  /** A point of one's own; those that are there stay. */
  #add(at: readonly [number, number], label: 0 | 1): void {
    this.#points = withPoint(this.#points, at, label); // at once: the next point may come before the worker's answer
    this.#page.set({ set: "own", points: writePoints(this.#points) });
    const own = this.#root.querySelector<HTMLInputElement>('input[value="own"]');
    if (own) own.checked = true;
    this.#begin();
  }

  #draw(size: number): Node {
    return plane(this.#root, size, this.#points, this.#grid, this.#cursor);
  }

  #curve(width: number): Node {
    return lossCurve(this.#history, width);
  }
}
