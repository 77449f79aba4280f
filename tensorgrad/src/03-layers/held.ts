import { isLayer } from "./layer.ts";

/** A value where it is held, and how to put another one in its place. */
interface Value {
  readonly name: string;
  readonly value: unknown;
  put(fresh: unknown): void;
}

/** Everything that an object holds, also in lists, Maps, Sets and plain objects; layers and tensors are not opened. */
export function* valuesIn(holder: object, path = "", above: readonly object[] = []): Generator<Value> {
  for (const { name, value, put } of entriesOf(holder)) {
    if (typeof value !== "object" || value === null) continue;
    const whole = joined(path, name);
    yield { name: whole, value, put };
    const isOpen = isHolder(value) && !isLayer(value) && !above.includes(value);
    if (isOpen) yield* valuesIn(value, whole, [...above, value]);
  }
}

function entriesOf(holder: object): Value[] {
  if (holder instanceof Map) {
    return [...holder].map(([key, value], i) => ({
      name: typeof key === "object" || typeof key === "symbol" ? String(i) : String(key),
      value,
      put: (fresh) => void holder.set(key, fresh),
    }));
  }
  if (holder instanceof Set) {
    return [...holder].map((value, i) => ({
      name: String(i),
      value,
      put: (fresh) => replace(holder, value, fresh),
    }));
  }
  return Object.entries(holder).map(([name, value]) => ({
    name,
    value,
    put: (fresh) => void Object.assign(holder, { [name]: fresh }),
  }));
}

/** In the same place of a Set's order. */
function replace(set: Set<unknown>, old: unknown, fresh: unknown): void {
  const values = [...set].map((value) => (value === old ? fresh : value));
  set.clear();
  for (const value of values) set.add(value);
}

/** Lists of objects, Maps, Sets, and objects of no class. */
function isHolder(value: object): boolean {
  if (Array.isArray(value)) return value.some((one) => typeof one === "object"); // numbers may be many
  if (value instanceof Map || value instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `blocks` and `0` → `blocks.0` */
export const joined = (path: string, name: string): string => (path ? `${path}.${name}` : name);
