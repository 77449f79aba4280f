import { FormatError } from "../00-runtime/index.ts";

/** A JSON object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Throws  FormatError, with `call` first, for text that is no JSON object */
export function parseFields(text: string, call: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new FormatError(
      `${call}: no JSON (${text.length} characters) — the file is damaged or another one`,
      {
        cause,
      },
    );
  }
  if (isFields(value)) return value;
  throw new FormatError(`${call}: ${brief(value)} — a JSON object was expected`);
}

/** A value in a message: short, whatever the file holds. */
export function brief(value: unknown): string {
  const text = JSON.stringify(shallow(value)) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** The first few entries, and of those no entries of their own: a file may be large or deep. */
function shallow(value: unknown): unknown {
  const inner = (entry: unknown): unknown => (typeof entry === "object" && entry !== null ? "…" : entry);
  if (Array.isArray(value)) return value.slice(0, 8).map(inner);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 8)
      .map(([key, entry]) => [key, inner(entry)]),
  );
}
