import { onScheme } from "../lib/colours.ts";
import { button, panel, row, slider } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { Faults } from "../lib/faults.ts";
import { whole } from "../lib/limits.ts";
import { percent } from "../lib/numbers.ts";
import type { UrlState } from "../lib/url-state.ts";
import type { WorkerCalls } from "../lib/worker-calls.ts";
import { Pad } from "./pad.ts";
import { largest, shades } from "./shades.ts";
import { FIRST_INK, pixelsOf, readStrokes, type Stroke, writeStrokes } from "./strokes.ts";
import { type ConvolutionWork, type Learned, type Reading, SECOND_SIDE, SIDE } from "./work.ts";

/** `digit` is a test image, or −1 where the drawing counts. */
export const DRAWING = { ink: FIRST_INK, digit: -1 };
export type DrawingState = typeof DRAWING;

const LAST_DIGIT = 999;
const PAD_SIZE = 240;

/** A digit, drawn or chosen; what the trained network says of it; and what its filters make of it. */
export class DigitReading {
  readonly #root: HTMLElement;
  readonly #page: UrlState<DrawingState>;
  readonly #calls: WorkerCalls<ConvolutionWork>;
  readonly #faults = new Faults();
  readonly #pad: Pad;
  readonly #seen = element("div", { class: "seen" });
  readonly #answer = element("div", { class: "answer" });
  readonly #filters = element("div", { class: "maps filters" });
  readonly #second = element("div", { class: "maps second" });
  readonly #status = element("p", { class: "status", role: "status" });
  readonly #room: ReturnType<typeof drawn>;
  readonly #endScheme: () => void;
  readonly #digits = slider({
    label: "Test image",
    min: 0,
    max: LAST_DIGIT,
    step: 1,
    value: 0,
    onInput: (digit) => this.#choose(digit),
  });
  #pixels: Float32Array | null = null;
  #label: number | null = null;
  #learned: Learned | null = null;
  #reading: Reading | null = null;
  readonly end = (): void => {
    this.#room.end();
    this.#endScheme();
  };

  constructor(root: HTMLElement, page: UrlState<DrawingState>, calls: WorkerCalls<ConvolutionWork>) {
    [this.#root, this.#page, this.#calls] = [root, page, calls];
    this.#pad = new Pad(root, readStrokes(page.value.ink), (strokes) => this.#drew(strokes));
    this.#room = drawn(this.#pad.element, (width) => this.#picture(Math.min(width, PAD_SIZE)));
    this.#endScheme = onScheme(() => this.#show());
    root.append(
      panel(
        "digit",
        "The network sees 28×28 numbers. Ink is scaled to 20 pixels and moved to the middle, as MNIST's digits were.",
        element("p", { class: "heading" }, "3. Draw a digit"),
        row(
          button("Clear", () => this.#clear()),
          this.#digits.element,
        ),
        this.#faults.element,
        element("div", { class: "side" }, this.#pad.element, this.#seen, this.#answer),
        this.#status,
      ),
      panel(
        "layers",
        "Blue is above 0, orange below. After relu nothing is below 0. The second layer's 16 filters see all 8 maps at once.",
        element("p", { class: "heading" }, "4. Eight filters of 5×5, and what they find in this digit"),
        this.#filters,
        element("p", { class: "heading" }, "What the second layer makes of these, 14×14"),
        this.#second,
      ),
    );
    if (page.value.digit >= 0) this.#choose(page.value.digit);
    else this.#drew(readStrokes(page.value.ink));
  }

  #clear(): void {
    this.#pad.set([]);
    this.#drew([]);
  }

  #drew(strokes: readonly Stroke[]): void {
    this.#page.set({ ink: writeStrokes(strokes), digit: -1 });
    [this.#pixels, this.#label] = [pixelsOf(strokes), null];
    void this.#read();
  }

  #choose(given: number): void {
    const digit = whole(given, 0, LAST_DIGIT);
    this.#digits.set(digit);
    this.#page.set({ digit });
    void this.#faults.try(async () => {
      const { pixels, label } = await this.#calls.call("digit", digit);
      if (digit !== this.#page.value.digit) return;
      this.#pad.set([]);
      [this.#pixels, this.#label] = [pixels, label];
      await this.#read();
    });
  }

  async #read(): Promise<void> {
    const pixels = this.#pixels;
    await this.#faults.try(async () => {
      this.#learned ??= await this.#calls.call("learned", null);
      const reading = pixels ? await this.#calls.call("read", pixels) : null;
      if (pixels !== this.#pixels) return; // drawn on meanwhile
      this.#reading = reading;
      this.#show();
    });
    this.#room.again();
  }

  #picture(size: number): Node {
    if (this.#label === null || !this.#pixels) return this.#pad.draw(size);
    return shades(this.#root, { ...this.#ink(this.#pixels), width: size });
  }

  #ink(pixels: Float32Array) {
    const alt = this.#label === null ? "The drawing as 28 by 28 pixels" : `A test image of a ${this.#label}`;
    return { values: pixels, columns: SIDE, most: 1, alt, positive: "ink" } as const;
  }

  #show(): void {
    const [pixels, reading] = [this.#pixels, this.#reading];
    this.#room.again();
    this.#seen.replaceChildren(
      element("p", { class: "quiet" }, "What the network sees"),
      pixels
        ? shades(this.#root, { ...this.#ink(pixels), width: 140 })
        : element("p", { class: "quiet" }, "Nothing yet."),
    );
    this.#answer.replaceChildren(...(reading ? [bars(reading.probabilities)] : []));
    this.#status.textContent = reading
      ? answerOf(reading.probabilities, this.#label)
      : "Draw a digit in the square.";
    if (this.#learned && reading) this.#maps(this.#learned, reading);
  }

  #maps({ filters, biases }: Learned, { first, second }: Reading): void {
    const taps = filters.length / biases.length;
    const side = Math.sqrt(taps);
    const part = (all: Float32Array, i: number, size: number) => all.subarray(i * size, (i + 1) * size);
    const [most, mostSecond] = [largest(first), largest(second)];
    const one = (i: number): HTMLElement => {
      const [filter, map] = [part(filters, i, taps), part(first, i, SIDE * SIDE)];
      const alt = `Filter ${i + 1}: ${[...filter].map((x) => x.toFixed(2)).join(", ")}`;
      return element(
        "div",
        { "data-map": i + 1 },
        shades(this.#root, { values: filter, columns: side, most: largest(filter), width: 48, alt }),
        shades(this.#root, { values: map, columns: SIDE, most, width: 72, alt: found(`Map ${i + 1}`, map) }),
      );
    };
    this.#filters.replaceChildren(...Array.from(biases, (_, i) => one(i)));
    const size = SECOND_SIDE * SECOND_SIDE;
    this.#second.replaceChildren(
      ...Array.from({ length: second.length / size }, (_, i) => {
        const map = part(second, i, size);
        const alt = found(`Map ${i + 1} of the second layer`, map);
        return shades(this.#root, { values: map, columns: SECOND_SIDE, most: mostSecond, width: 72, alt });
      }),
    );
  }
}

const found = (name: string, map: Float32Array): string =>
  `${name}: at most ${largest(map).toFixed(2)}, above 0 at ${percent(map.filter((x) => x > 0).length / map.length, 0)} of its places`;

const bestOf = (probabilities: readonly number[]): number =>
  probabilities.indexOf(Math.max(...probabilities));

function answerOf(probabilities: readonly number[], label: number | null): string {
  const best = bestOf(probabilities);
  const said = `The network reads ${best}, with probability ${percent(probabilities[best])}.`;
  return label === null ? said : `${said} The label says ${label}: ${label === best ? "right" : "wrong"}.`;
}

function bars(probabilities: readonly number[]): HTMLElement {
  const best = bestOf(probabilities);
  const rows = probabilities.map((p, digit) =>
    element(
      "tr",
      { "data-digit": digit, class: digit === best ? "best" : null },
      element("th", { scope: "row" }, digit),
      element(
        "td",
        { class: "track" },
        element("div", { class: "bar", style: `width: ${(100 * p).toFixed(1)}%` }),
      ),
      element("td", { class: "number" }, percent(p)),
    ),
  );
  return element(
    "table",
    { class: "bars", "aria-label": "Probability of each digit" },
    element("tbody", {}, ...rows),
  );
}
