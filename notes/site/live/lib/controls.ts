import { element } from "./elements.ts";

/** Labelled controls: real inputs, so that keyboard, zoom and screen readers work by themselves. */

let names = 0;
/** An id that no other element of the page has: for labels. */
const newId = (word: string): string => `live-${word}-${++names}`;

export interface Control<T> {
  readonly element: HTMLElement;
  /** Shows another value; nobody is told. */
  set(value: T): void;
}

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly show?: (value: number) => string;
  readonly onInput: (value: number) => void;
}

export function slider({
  label,
  min,
  max,
  step,
  value,
  show = String,
  onInput,
}: SliderOptions): Control<number> & {
  limit(most: number): void;
} {
  const id = newId("slider");
  const output = element("output", { for: id });
  const input = element("input", { id, type: "range", min, max, step });
  const set = (x: number) => {
    input.value = String(x);
    output.textContent = show(input.valueAsNumber);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    set(input.valueAsNumber);
    onInput(input.valueAsNumber);
  });
  set(value);
  const limit = (most: number) => {
    input.max = String(most);
  };
  return {
    element: element("div", { class: "control" }, element("label", { for: id }, `${label} `, output), input),
    set,
    limit,
  };
}

export interface ChoiceOptions<T extends string> {
  readonly label: string;
  readonly options: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A few that exclude each other, all of them in sight. */
export function choice<T extends string>({ label, options, value, onChange }: ChoiceOptions<T>): Control<T> {
  const name = newId("choice");
  const inputs = (Object.entries(options) as [T, string][]).map(([key, text]) => {
    const input = element("input", { type: "radio", name, value: key, onchange: () => onChange(key) });
    return { key, input, item: element("label", {}, input, element("span", {}, text)) };
  });
  const set = (chosen: T) => {
    for (const { key, input } of inputs) input.checked = key === chosen;
  };
  set(value);
  const items = element("div", { class: "segments" }, ...inputs.map(({ item }) => item));
  return {
    element: element("fieldset", { class: "control choice" }, element("legend", {}, label), items),
    set,
  };
}

/** One of many, in a list that opens. */
export function pick<T extends string>({ label, options, value, onChange }: ChoiceOptions<T>): Control<T> {
  const id = newId("pick");
  const entries = Object.entries(options) as [T, string][];
  const select = element(
    "select",
    { id },
    ...entries.map(([key, text]) => element("option", { value: key }, text)),
  );
  select.addEventListener("change", () => onChange(select.value as T));
  const set = (chosen: T) => {
    select.value = chosen;
  };
  set(value);
  return { element: element("div", { class: "control" }, element("label", { for: id }, label), select), set };
}

export function toggle(label: string, value: boolean, onChange: (value: boolean) => void): Control<boolean> {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", () => onChange(input.checked));
  const set = (on: boolean) => {
    input.checked = on;
  };
  set(value);
  return { element: element("label", { class: "control toggle" }, input, element("span", {}, label)), set };
}

export interface FieldOptions {
  readonly label: string;
  readonly value: string;
  readonly kind?: "text" | "number";
  readonly rows?: number;
  readonly onInput: (value: string) => void;
}

/** A line of text and, below it, what is wrong with it. */
export function field({ label, value, kind = "text", rows, onInput }: FieldOptions): Control<string> & {
  complain(message: string | null): void;
} {
  const id = newId("field");
  const attributes = { id, spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-fault` };
  const input = rows
    ? element("textarea", { ...attributes, rows })
    : element("input", { ...attributes, type: kind });
  const fault = element("p", { id: `${id}-fault`, class: "fault", role: "alert" });
  input.value = value;
  input.addEventListener("input", () => onInput(input.value));
  return {
    element: element("div", { class: "control field" }, element("label", { for: id }, label), input, fault),
    set: (text) => {
      if (input.value !== text) input.value = text;
    },
    complain: (message) => {
      fault.textContent = message ?? "";
      input.setAttribute("aria-invalid", String(message !== null));
    },
  };
}

export function button(
  text: string,
  onClick: () => void,
  attributes: Record<string, string> = {},
): HTMLButtonElement {
  return element("button", { type: "button", onclick: onClick, ...attributes }, text);
}

/** A picture in a frame, with its caption. */
export function panel(name: string, caption: HTMLElement | string, ...content: readonly Node[]): HTMLElement {
  const text = typeof caption === "string" ? element("span", {}, caption) : caption;
  return element("figure", { class: `live-figure ${name}` }, ...content, element("figcaption", {}, text));
}

export const row = (...children: readonly (Node | string)[]): HTMLElement =>
  element("div", { class: "row" }, ...children);
