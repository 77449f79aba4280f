import { show } from "../../00-runtime/index.ts";
import type { ModelSchema, TensorSpec } from "../types.ts";

/** A part of an address: nothing in it leads to another folder, or has to be escaped. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Throws  RangeError for what cannot be a part of an address */
export function checkName(call: string, what: string, name: string): void {
  if (NAME.test(name)) return;
  throw new RangeError(
    `${call}: ${what} ${JSON.stringify(name)} — letters, digits, ".", "_" and "-", beginning with a letter or digit, at most 100`,
  );
}

/** Where two schemas differ, in words; null where they do not. */
export function difference(expected: ModelSchema, given: ModelSchema): string | null {
  const lists = [
    ["takes", expected.inputs, given.inputs],
    ["gives", expected.outputs, given.outputs],
  ] as const;
  for (const [verb, before, now] of lists) {
    const [was, is] = [before.map(brief).join(", "), now.map(brief).join(", ")];
    if (was !== is) return `${verb} ${is} in place of ${was}`;
  }
  return null;
}

const brief = ({ name, dtype, shape }: TensorSpec): string => `${name} ${dtype} ${show(shape)}`;
