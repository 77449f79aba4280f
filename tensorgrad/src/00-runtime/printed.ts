/** Where Node's console.log, and util.inspect, ask an object how it wants to be shown. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** An object that prints itself as one line: its class, and in parentheses what a person wants to know of it. */
export abstract class Printed {
  /** What stands between the parentheses; unless told otherwise the public fields. */
  protected describe(): string {
    return settings(this);
  }

  /** The lines as one text. */
  toString(): string {
    return `${this.constructor.name}(${this.describe()})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** `lr: 0.1, betas: [0.9, 0.999]`, without what is undefined. */
export const listed = (values: object): string =>
  Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${written(value)}`]))
    .join(", ");

/** `{ lr: 0.1, betas: [0.9, 0.999] }` as typed; nothing at all for no settings. */
export function settings(values: object): string {
  const list = listed(values);
  return list && `{ ${list} }`;
}

/** `60,000 examples`, `1 example` */
export const counted = (n: number, noun: string): string =>
  `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

const LONG = 40; // characters of a string
const MANY = 6; // elements of a list

/** Any value in a few words, for one line among others. JSON has no Infinity, and a list of a million is no line. */
export function written(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > LONG ? `${value.slice(0, LONG)}…` : value);
  if (typeof value === "function") return value.name || "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const inspect = (value as { readonly [INSPECT]?: (depth: number) => string })[INSPECT];
  if (typeof inspect === "function") return inspect.call(value, -1);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return list(Array.from(value as ArrayLike<unknown>));
  return Object.getPrototypeOf(value) === Object.prototype ? settings(value) || "{}" : value.constructor.name;
}

function list(values: readonly unknown[]): string {
  const start = values.slice(0, MANY).map(written).join(", ");
  return values.length <= MANY ? `[${start}]` : `[${start}, … ${values.length.toLocaleString("en")} in all]`;
}
