import { onScheme } from "../lib/colours.ts";
import { button, choice, field, panel, row } from "../lib/controls.ts";
import { drawn } from "../lib/drawn.ts";
import { element } from "../lib/elements.ts";
import { kernelsInWords } from "../lib/kernel-words.ts";
import { count, percent, shown } from "../lib/numbers.ts";
import { useStyle } from "../lib/style.ts";
import { Stopped, WorkerCalls } from "../lib/worker-calls.ts";
import { spoken } from "./chances.ts";
import { headGrid, largeMap, mapStyle, rowUnder } from "./maps.ts";
import { nextStyle } from "./next.ts";
import { NextPanel } from "./next-panel.ts";
import { faultOfPrompt, SMALL, type State, state } from "./settings.ts";
import { TextStrip, textStyle } from "./text.ts";
import type { AttentionWork, Facts, Reading } from "./work.ts";
import { WritePanel } from "./write-panel.ts";

/** The trained GPT of milestone 4: where it looks, what it expects, what it writes. */
export function mount(root: HTMLElement): () => void {
  useStyle("attention", textStyle + mapStyle + nextStyle);
  return new AttentionPage(root).end;
}

class AttentionPage {
  readonly #root: HTMLElement;
  readonly #page: State = state();
  readonly #calls = new WorkerCalls<AttentionWork>(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  );
  #facts: Facts | null = null;
  #opening: Promise<void> | null = null;
  #text: string = this.#page.value.prompt;
  #reading: Reading | null = null;
  /** Counts texts: a reading of an older one comes too late. */
  #turn = 0;
  readonly #fault = element("p", { class: "fault", role: "alert" });
  readonly #status = element(
    "p",
    { class: "status", role: "status" },
    `The model is not loaded yet: ${SMALL}.`,
  );
  readonly #open = button("Open the model", () => this.#begin(), { class: "main" });
  readonly #prompt = field({
    label: "Text",
    value: this.#page.value.prompt,
    rows: 2,
    onInput: (prompt) => {
      this.#page.set({ prompt, at: -1 });
      this.#take(prompt);
    },
  });
  readonly #strip = new TextStrip((at) => this.#choose(at));
  readonly #said = element("p", { class: "said", "aria-live": "polite" });
  readonly #moved = element("p", { class: "quiet moved" });
  readonly #kernels = element("p", { class: "status kernels" });
  readonly #heads = element("div", {});
  readonly #place = element("div", { class: "map", role: "img" });
  readonly #map = drawn(this.#place, (width) => this.#drawMap(width));
  readonly #next = new NextPanel(this.#calls, this.#page, (error) => this.#complain(error));
  readonly #write = new WritePanel(this.#calls, this.#page, {
    prompt: () => (this.#faultHere() === null ? this.#page.value.prompt : null),
    window: () => this.#facts?.window ?? 0,
    begun: () => this.#turn++,
    written: (text) => this.#take(text),
    failed: (error) => this.#complain(error),
  });
  readonly #endScheme = onScheme(() => this.#show());
  readonly end = (): void => {
    this.#turn++;
    this.#endScheme();
    this.#map.end();
    this.#write.end();
    this.#calls.stop();
  };

  constructor(root: HTMLElement) {
    this.#root = root;
    root.append(row(this.#prompt.element), row(this.#open), this.#fault, this.#status);
  }

  /** Loads the model, once; then all that needs it is there. */
  #begin(): Promise<void> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = null;
      this.#open.disabled = false;
      this.#complain(error);
    });
    return this.#opening;
  }

  async #load(): Promise<void> {
    this.#open.disabled = true;
    this.#facts = await this.#calls.call("open", null, (share) => {
      this.#status.textContent = `Loading the model: ${percent(share, 0)}`;
    });
    const { parameters, layers, heads, valNats } = this.#facts;
    this.#status.textContent = `${count(parameters)} parameters, ${layers} layers of ${heads} heads; ${valNats.toFixed(4)} nats a character on text it has not read.`;
    this.#open.parentElement?.remove();
    this.#root.append(...this.#panels());
    this.#take(this.#text);
  }

  #panels(): HTMLElement[] {
    const mask = choice({
      label: "Causal mask",
      options: { there: "there", lifted: "lifted" },
      value: this.#page.value.lifted ? "lifted" : "there",
      onChange: (chosen) => {
        this.#page.set({ lifted: chosen === "lifted" });
        this.#take(this.#text, this.#page.value.at);
      },
    });
    return [
      panel(
        "text",
        "Each character is a token; below it stands its number.",
        this.#strip.element,
        this.#said,
      ),
      element(
        "div",
        { class: "side" },
        panel(
          "all-heads",
          "All heads, a line for each layer. Press one to see it large.",
          this.#heads,
          mask.element,
        ),
        panel(
          "one-head",
          "Each row is a character that looks, each column one that is looked at.",
          this.#place,
          this.#moved,
        ),
      ),
      this.#next.element,
      this.#write.element,
      this.#kernels,
    ];
  }

  #faultHere(): string | null {
    return faultOfPrompt(this.#page.value.prompt, this.#facts?.alphabet ?? null);
  }

  /** Reads a text and shows what the model makes of it; `at` is the character to choose, −1 the last. */
  #take(text: string, at = this.#page.value.at): void {
    const turn = ++this.#turn;
    const fault = this.#faultHere();
    this.#prompt.complain(fault);
    if (!this.#facts) {
      this.#text = text;
      void this.#begin();
      return;
    }
    if (fault !== null) return;
    void (async () => {
      try {
        const reading = await this.#calls.call("read", { text, lifted: this.#page.value.lifted });
        if (turn !== this.#turn) return;
        [this.#text, this.#reading] = [text, reading];
        this.#fault.textContent = "";
        this.#choose(at);
      } catch (error) {
        this.#complain(error);
      }
    })();
  }

  #complain(error: unknown): void {
    if (!(error instanceof Stopped))
      this.#fault.textContent = error instanceof Error ? error.message : String(error);
  }

  #choose(at: number): void {
    const last = (this.#reading?.seen.length ?? 0) - 1;
    this.#page.set({ at: at >= last ? -1 : at });
    this.#show();
  }

  get #chosen(): { readonly at: number; readonly layer: number; readonly head: number } {
    const { at, layer, head } = this.#page.value;
    const last = (this.#reading?.seen.length ?? 1) - 1;
    const within = (n: number, most: number) => Math.min(Math.max(Math.round(n), 1), most) - 1;
    return {
      at: at < 0 || at > last ? last : Math.round(at),
      layer: within(layer, this.#facts?.layers ?? 1),
      head: within(head, this.#facts?.heads ?? 1),
    };
  }

  /** How much the chosen character takes from each. */
  get #row(): Float32Array {
    const { at, layer, head } = this.#chosen;
    const n = this.#reading?.seen.length ?? 0;
    return this.#reading?.weights[layer][head].subarray(at * n, (at + 1) * n) ?? new Float32Array();
  }

  #show(): void {
    if (!this.#reading || !this.#facts) return;
    const { seen, weights, moved, kernels } = this.#reading;
    const { at, layer, head } = this.#chosen;
    const alphabet = [...this.#facts.alphabet];
    const row = this.#row;
    const ids = Array.from(seen, (one) => alphabet.indexOf(one));
    this.#strip.show(seen, ids, at, row);
    const had = this.#heads.contains(document.activeElement);
    const masked = !this.#page.value.lifted;
    const onChoose = (l: number, h: number) => {
      this.#page.set({ layer: l + 1, head: h + 1 });
      this.#show();
    };
    this.#heads.replaceChildren(headGrid({ root: this.#root, weights, layer, head, masked, onChoose }));
    if (had) this.#heads.querySelector<HTMLElement>(".chosen")?.focus({ preventScroll: true });
    const words = lookInWords(seen, at, row);
    this.#said.textContent = `Layer ${layer + 1}, head ${head + 1}: ${words}`;
    this.#place.ariaLabel = `Map of layer ${layer + 1}, head ${head + 1}, ${seen.length} rows and columns. ${words}`;
    this.#moved.textContent = `All characters of the second half were changed: scores of the first half moved by ${shown(moved)}.`;
    this.#kernels.textContent = kernelsInWords(kernels);
    this.#map.again();
    this.#next.show(this.#facts, this.#reading, at);
  }

  #drawMap(width: number): Node {
    if (!this.#reading) return document.createTextNode("");
    const { seen, weights } = this.#reading;
    const { at, layer, head } = this.#chosen;
    const masked = !this.#page.value.lifted;
    const map = largeMap(this.#root, width, {
      text: seen,
      weights: weights[layer][head],
      chosen: at,
      masked,
    });
    map.addEventListener("click", (event) => this.#choose(rowUnder(event, map, seen.length)));
    return map;
  }
}

/** The three that it takes most from. */
function lookInWords(text: string, at: number, row: Float32Array): string {
  const first = Array.from(row.keys())
    .sort((a, b) => row[b] - row[a] || a - b)
    .slice(0, 3)
    .filter((place) => row[place] > 0);
  const place = (from: number): string => {
    if (from === at) return "itself";
    const far = Math.abs(at - from);
    return `${spoken(text[from])}, ${far} ${from < at ? "before" : "after"} it`;
  };
  const parts = first.map((from) => `${percent(row[from])} from ${place(from)}`);
  return `${spoken(text[at])}, character ${at + 1}, takes ${parts.join("; ")}.`;
}
