import type { Tensor } from "./tensor.ts";

let watching = false;

/** Turns the search for the first NaN on or off; returns how it was. */
export function setWatching(wanted: boolean): boolean {
  const before = watching;
  watching = wanted;
  return before;
}

export const isWatching = (): boolean => watching;

export const hasNaN = (x: Tensor): boolean => x.isFloat && x.data.some(Number.isNaN);

/** The first line of a stack that is not inside one of the library's numbered modules. */
export function callSite(stack: string): string {
  const frames = stack.split("\n").slice(1);
  const inside = /[\\/]\d\d-[a-z-]+[\\/](?!.*\.test\.)/;
  return (frames.find((frame) => !inside.test(frame)) ?? frames.at(-1) ?? "an unknown place")
    .trim()
    .replace(/^at /, "");
}
