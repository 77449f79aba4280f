/**
 * Which copy of the library made something. Two copies in one process (two versions, or one that is bundled and one that is
 * installed) have a heap each, and an address on one means nothing on the other.
 */
const BRAND = Symbol.for("tensorgrad.copy");

interface Copy {
  readonly at: string;
}

const thisCopy: Copy = { at: import.meta.url };

/** Marks everything that a class of this copy makes. */
export function brand(made: { readonly prototype: object }): void {
  Object.defineProperty(made.prototype, BRAND, { value: thisCopy });
}

/** Whether another copy made it; false for what no copy made. */
export function isOfOtherCopy(value: object): boolean {
  const maker = (value as { readonly [BRAND]?: Copy })[BRAND];
  return maker !== undefined && maker !== thisCopy;
}

/** Refuses what another copy made, naming both: `what` is "a tensor", "layer 0". */
export function refuseOtherCopy(call: string, what: string, value: object): void {
  if (!isOfOtherCopy(value)) return;
  const { at } = (value as { readonly [BRAND]: Copy })[BRAND];
  throw new TypeError(
    `${call}: ${what} of another copy of tensorgrad (${folder(at)}; this one is ${folder(thisCopy.at)}) — ` +
      "each copy has a heap of its own, and a tensor belongs to one; " +
      "import all from one place: npm ls tensorgrad shows the copies, npm dedupe makes them one",
  );
}

/** `file:///…/node_modules/tensorgrad` of `…/dist/00-runtime/copy.js`; a bundle is named itself. */
const folder = (url: string): string => url.replace(/\/(dist|src)\/00-runtime\/copy\.[jt]s$/, "");
