import { expectArgument } from "../00-runtime/index.ts";
/** Text that is markup already and must not be escaped again. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A template of markup in which every value is escaped, unless it is Html itself; lists are joined.
 *
 *   html`<td>${cell}</td>`.text
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  expectArgument(
    Array.isArray(strings) && strings.length > 0,
    "html",
    "strings",
    strings,
    "a template, html`…`",
  );
  return new Html(strings.reduce((text, part, index) => text + markup(values[index - 1]) + part));
}

/** Trusted markup, such as an SVG drawn here. */
export function raw(text: string): Html {
  return new Html(text);
}

function markup(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(markup).join("");
  return escaped(String(value));
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
