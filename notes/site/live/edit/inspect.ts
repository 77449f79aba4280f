/** Values as Node's `console.log` shows them, so that a page prints what a note promises. */
export const printed = (values: readonly unknown[]): string =>
  values.map((value) => (typeof value === "string" ? value : inspect(value, 0, new Set()))).join(" ");

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const DEEPEST = 2;
const MOST = 100; // elements of a list
const WIDEST = 72; // characters of a line

type Printing = { readonly [INSPECT]?: (depth: number, options: object) => unknown };

function inspect(value: unknown, depth: number, above: ReadonlySet<object>): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return value.name ? `[Function: ${value.name}]` : "[Function (anonymous)]";
  if (typeof value !== "object" || value === null) return String(value);
  if (above.has(value)) return "[Circular *1]";
  const own = (value as Printing)[INSPECT];
  if (typeof own === "function") {
    const answer = own.call(value, DEEPEST - depth, {});
    return typeof answer === "string" ? answer : inspect(answer, depth, above);
  }
  if (value instanceof Error) return value.stack ?? String(value);
  return container(value, depth, new Set([...above, value]));
}

function container(value: object, depth: number, above: ReadonlySet<object>): string {
  const inner = (part: unknown): string => inspect(part, depth + 1, above);
  const name = value.constructor?.name ?? "Object";
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
  if (depth > DEEPEST && !isEmpty(value)) return isList && Array.isArray(value) ? "[Array]" : `[${name}]`;
  if (isList) {
    const all = Array.from(value as ArrayLike<unknown>);
    const parts = all.slice(0, MOST).map(inner);
    if (all.length > MOST) parts.push(`... ${all.length - MOST} more items`);
    return around("[", parts, "]", Array.isArray(value) ? "" : `${name}(${all.length}) `);
  }
  if (value instanceof Map)
    return around(
      "{",
      [...value].map(([key, part]) => `${inner(key)} => ${inner(part)}`),
      "}",
      `Map(${value.size}) `,
    );
  if (value instanceof Set) return around("{", [...value].map(inner), "}", `Set(${value.size}) `);
  const entries = Object.entries(value).map(
    ([key, part]) => `${/^[\w$]+$/.test(key) ? key : quoted(key)}: ${inner(part)}`,
  );
  return around("{", entries, "}", name === "Object" ? "" : `${name} `);
}

const isEmpty = (value: object): boolean =>
  value instanceof Map || value instanceof Set ? value.size === 0 : Object.keys(value).length === 0;

function around(open: string, parts: readonly string[], close: string, before: string): string {
  if (parts.length === 0) return `${before}${open}${close}`;
  const line = `${before}${open} ${parts.join(", ")} ${close}`;
  if (line.length <= WIDEST && !line.includes("\n")) return line;
  return `${before}${open}\n  ${parts.map((part) => part.replaceAll("\n", "\n  ")).join(",\n  ")}\n${close}`;
}

const quoted = (text: string): string => {
  const quote = text.includes("'") ? (text.includes('"') ? "`" : '"') : "'";
  return `${quote}${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll(quote, `\\${quote}`)}${quote}`;
};
