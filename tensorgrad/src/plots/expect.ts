import { expectArgument, isList } from "../00-runtime/index.ts";

/** What a picture is drawn from: a list of objects. */
export function expectObjects(call: string, list: readonly object[], name: string): void {
  const fits = isList(list) && list.every((one) => typeof one === "object" && one !== null);
  expectArgument(fits, call, name, list, "a list of objects");
}

/** A list of objects that each have a list, such as `points`. */
export function expectLists<Key extends string>(
  call: string,
  list: readonly { readonly [K in Key]: unknown }[],
  name: string,
  key: Key,
): void {
  expectObjects(call, list, name);
  for (const one of list) expectArgument(isList(one[key]), call, `${name}’ ${key}`, one[key], "a list");
}

export function expectList(call: string, list: unknown, name: string, rule = "a list"): void {
  expectArgument(isList(list), call, name, list, rule);
}
