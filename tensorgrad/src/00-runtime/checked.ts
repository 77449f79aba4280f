import { closest, distance } from "fastest-levenshtein";
import { written } from "./printed.ts";

/**
 * The options of a call, if they are an object of names that the call knows: a name with a slip in it would have no effect.
 *
 *   const { epochs = 1, validation } = checked("fit", options, ["epochs", "validation"]);
 *
 * Throws  TypeError for anything but a plain object, and for a name that is not listed, with the nearest one that is
 */
export function checked<Options extends object>(
  call: string,
  options: Options,
  names: readonly (keyof Options & string)[],
): Options {
  if (!isPlain(options))
    throw new TypeError(
      `${call}: ${written(options)} in place of options — they are an object: { ${names.join(", ")} }`,
    );
  for (const name in options) {
    if (!names.includes(name)) throw unknown(call, name, names);
  }
  return options;
}

/** An object literal, also of another realm, and no instance of a class. */
function isPlain(options: unknown): boolean {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return false;
  const prototype = Object.getPrototypeOf(options);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Refuses an argument of another type than the call can work with: `cat: tensors 7.5 — expected a list of tensors`.
 *
 *   expectArgument(isList(tensors), "cat", "tensors", tensors, "a list of tensors");
 */
export function expectArgument(
  fits: boolean,
  call: string,
  name: string,
  given: unknown,
  rule: string,
): void {
  if (!fits) throw new TypeError(`${call}: ${name} ${written(given)} — expected ${rule}`);
}

/** Refuses anything but bytes, such as `readFile` gives. */
export const expectBytes = (call: string, bytes: unknown): void =>
  expectArgument(bytes instanceof Uint8Array, call, "bytes", bytes, "a Uint8Array");

/** Refuses anything but the path of a file or a folder. */
export const expectPath = (call: string, path: unknown): void =>
  expectArgument(typeof path === "string", call, "path", path, "a string");

/** A list or a typed array. */
export const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);

/** Whether a value has these methods. */
export const can = (value: unknown, ...methods: readonly string[]): boolean =>
  methods.every(
    (name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function",
  );

function unknown(call: string, name: string, names: readonly string[]): TypeError {
  return new TypeError(
    `${call}: option ${JSON.stringify(name)} — options are ${names.join(", ")}${hint(names, name)}`,
  );
}

/**
 * The known name that is meant, if one is near: two letters of a word may differ, or a third of them; `weight_decay` is
 * weightDecay, and `learningRate` is lr.
 */
export function hint(known: readonly string[], given: unknown): string {
  if (typeof given !== "string" || given.length < 3 || known.length === 0) return "";
  const word = given.toLowerCase().replaceAll("_", "");
  const initials = given.replace(/(?<=.)[a-z]+/g, "").toLowerCase();
  const near = known.includes(initials) ? initials : closest(word, known);
  const allowed = Math.max(2, given.length / 3);
  return near === initials || distance(word, near.toLowerCase()) <= allowed ? `; did you mean ${near}?` : "";
}
