/**
 * How another thread makes the same object: it calls `export` of `module` with `arguments`.
 *
 *   recipe() { return { module: import.meta.url, export: "Words", arguments: [this.path] }; }
 *
 * Arguments are copied by structured clone; typed arrays over a SharedArrayBuffer are not copied but seen by both, and
 * objects that have a recipe themselves are made from it.
 */
export interface Recipe {
  /** URL of the module; left out, it is `tensorgrad/data` or `tensorgrad/data/node`. */
  readonly module?: string;
  /** A class, or a function that returns the object or a promise of it. */
  readonly export: string;
  readonly arguments: readonly unknown[];
}

/** What can be made again in another thread. */
export interface Describable {
  recipe(): Recipe;
}

/** The same bytes where every thread sees them; copied once, unless they lie there already. */
export function shared(bytes: Uint8Array): Uint8Array {
  if (typeof SharedArrayBuffer === "undefined" || bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
