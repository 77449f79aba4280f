import type { Message } from "../format/schema.ts";
import { type HostArray, hostArrayOf } from "../format/tensor-proto.ts";

/** How an attribute is read, and what it is where the file leaves it out. */
export interface Attribute<T> {
  readonly kind: Kind;
  readonly fallback: T;
  readonly required: boolean;
}

type Kind = "int" | "float" | "text" | "ints" | "floats" | "texts" | "array" | "graph";
export type Attributes = Readonly<Record<string, Attribute<unknown>>>;
export type ValuesOf<A> = { readonly [K in keyof A]: A[K] extends Attribute<infer T> ? T : never };

const attribute = <T>(kind: Kind, fallback: T): Attribute<T> => ({ kind, fallback, required: false });

/** A constructor of attributes of one kind; without a default the value may be missing. */
const kind =
  <T>(name: Kind) =>
  <D extends T | undefined = undefined>(fallback?: D): Attribute<D extends undefined ? T | undefined : T> =>
    attribute(name, fallback as D extends undefined ? T | undefined : T);

export const int = kind<number>("int");
export const float = kind<number>("float");
export const text = kind<string>("text");
export const ints = kind<readonly number[]>("ints");
export const floats = kind<readonly number[]>("floats");
export const texts = kind<readonly string[]>("texts");
export const array = kind<HostArray>("array");
export const graph = kind<Message<"Graph">>("graph");

/** An attribute without which the operator means nothing. */
export const required = <T>(of: Attribute<T | undefined>): Attribute<T> => ({
  kind: of.kind,
  fallback: undefined as T,
  required: true,
});

/** AttributeProto.type of every kind. */
const codes: Readonly<Record<Kind, number>> = {
  float: 1,
  int: 2,
  text: 3,
  array: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  texts: 8,
};

const utf8 = new TextDecoder();

const readers: Readonly<Record<Kind, (proto: Message<"Attribute">, what: string) => unknown>> = {
  int: ({ i = 0 }) => Number(i),
  float: ({ f = 0 }) => f,
  text: ({ s = new Uint8Array() }) => utf8.decode(s),
  ints: ({ ints }) => ints.map(Number),
  floats: ({ floats }) => floats,
  texts: ({ strings }) => strings.map((s) => utf8.decode(s)),
  array: ({ t }, what) => t && hostArrayOf(t, what),
  graph: ({ g }) => g,
};

/**
 * The attributes of a node as its operator knows them.
 *
 * @param fail   makes the error of what is wrong with the node
 */
export function readAttributes(
  known: Attributes,
  given: readonly Message<"Attribute">[],
  what: string,
  fail: (message: string) => Error,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { fallback }] of Object.entries(known)) values[name] = fallback;
  for (const proto of given) {
    const { name = "", type = 0 } = proto;
    const attribute = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!attribute) {
      const names = Object.keys(known).join(", ") || "none";
      throw fail(`attribute "${name}" — known are ${names}`);
    }
    if (type !== 0 && type !== codes[attribute.kind])
      throw fail(
        `attribute "${name}" of type ${type} — expected ${codes[attribute.kind]}, ${attribute.kind}`,
      );
    values[name] = readers[attribute.kind](proto, `${what}, attribute "${name}"`);
  }
  for (const [name, { required, kind }] of Object.entries(known))
    if (required && values[name] === undefined)
      throw fail(`no attribute "${name}" — the operator needs ${kind}`);
  return values;
}
