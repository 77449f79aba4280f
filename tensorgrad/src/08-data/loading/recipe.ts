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

/** The same numbers where every thread sees them; copied once, unless they lie there already. */
export function shared<A extends Uint8Array | Int32Array>(numbers: A): A {
  if (typeof SharedArrayBuffer === "undefined" || numbers.buffer instanceof SharedArrayBuffer) return numbers;
  const copy = new (numbers.constructor as new (memory: SharedArrayBuffer) => A)(
    new SharedArrayBuffer(numbers.byteLength),
  );
  copy.set(numbers);
  return copy;
}

/** A recipe as it crosses to another thread: nested ones are marked, so that they are made before they are used. */
export interface Packed {
  readonly $recipe: Recipe;
}

const isDescribable = (value: object): value is Describable =>
  typeof (value as Partial<Describable>).recipe === "function";

/**
 * Replaces every object in `value` that has a recipe by a marked recipe.
 *
 * Throws  TypeError naming what cannot cross to another thread: functions, objects of a class without a recipe
 */
export function pack(value: unknown, path: string): unknown {
  if (typeof value === "function")
    throw cannotCross(path, value.name ? `function ${value.name}` : "a function");
  if (typeof value !== "object" || value === null) return value;
  if (isDescribable(value)) {
    const { module, export: name, arguments: list } = value.recipe();
    const packed = list.map((argument, i) => pack(argument, `${path} → ${name}(argument ${i})`));
    return { $recipe: { ...(module === undefined ? {} : { module }), export: name, arguments: packed } };
  }
  if (Array.isArray(value)) return value.map((element, i) => pack(element, `${path}[${i}]`));
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, pack(entry, `${path}.${key}`)]),
    );
  }
  if (isCloneable(value)) return value;
  throw cannotCross(path, `an object of class ${value.constructor.name}`);
}

/** Finds an export of a module, or of tensorgrad's own where none is named. */
export type FindExport = (module: string | undefined, name: string) => Promise<unknown>;

/** Makes what `pack` described. */
export async function unpack(value: unknown, find: FindExport): Promise<unknown> {
  if (typeof value !== "object" || value === null || isCloneable(value)) return value;
  if (Array.isArray(value)) return Promise.all(value.map((element) => unpack(element, find)));
  const { $recipe } = value as Partial<Packed>;
  if ($recipe) return make($recipe, find);
  const entries = Object.entries(value).map(
    async ([key, entry]) => [key, await unpack(entry, find)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function make({ module, export: name, arguments: packed }: Recipe, find: FindExport): Promise<unknown> {
  const found = await find(module, name);
  if (typeof found !== "function") {
    throw new TypeError(
      `recipe: ${module ?? "tensorgrad/data"} exports no function or class ${name} — export it, and give its name`,
    );
  }
  const list = await Promise.all(packed.map((argument) => unpack(argument, find)));
  // Arrow and async functions have no prototype and cannot be constructed; a function that returns an object may be.
  return found.prototype ? Reflect.construct(found, list) : found(...list);
}

const isCloneable = (value: object): boolean =>
  ArrayBuffer.isView(value) ||
  value instanceof ArrayBuffer ||
  (typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer) ||
  value instanceof Date ||
  value instanceof Map ||
  value instanceof Set ||
  value instanceof RegExp;

const cannotCross = (path: string, what: string): TypeError =>
  new TypeError(
    `DataLoader: ${path} is ${what}, which cannot cross to a worker — give it ` +
      'recipe() { return { module: import.meta.url, export: "ItsName", arguments: […] }; }, or load with workers: 0',
  );

/** Methods that a subclass may change: examples do not depend on them. */
const NOT_EXAMPLES = new Set(["constructor", "toString", "describe"]);

/**
 * A subclass that changes how examples are made would not be itself in another thread, where its base class stands in.
 *
 * Throws  TypeError if `object` overrides a method of `base`
 */
export function checkUnchanged(
  object: object,
  base: { readonly name: string; readonly prototype: object },
): void {
  for (let at = base.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const method = Reflect.get(base.prototype, name, object);
      if (NOT_EXAMPLES.has(name) || typeof method !== "function" || Reflect.get(object, name) === method)
        continue;
      throw new TypeError(
        `${object.constructor.name}: overrides ${name} of ${base.name}, which workers would not know — give it a recipe() ` +
          "of its own, or load with workers: 0",
      );
    }
  }
}
