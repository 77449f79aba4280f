import type { Tensor } from "./tensor.ts";

/** Open blocks in which NaN is looked for. */
const blocks = new Set<symbol>();
/** Blocks of generators that were left at a `yield` end when they are found dead. */
const abandoned = new FinalizationRegistry<symbol>((block) => blocks.delete(block));
let paused = false;

/**
 * Looks for the first NaN until the block is left, whoever computes: to look changes no result, so other functions that run
 * while this one awaits are looked at, too.
 */
export function watchForNaN(): Disposable {
  const block = Symbol();
  const watch = { [Symbol.dispose]: () => void blocks.delete(block) };
  blocks.add(block);
  abandoned.register(watch, block);
  return watch;
}

/** Interrupts the search, or takes it up again; returns how it was. */
export function pauseWatching(wanted: boolean): boolean {
  const before = paused;
  paused = wanted;
  return before;
}

export const isWatching = (): boolean => blocks.size > 0 && !paused;

/** Whether somebody looks for the first NaN, also while the rule of an operation runs. */
export const isSearching = (): boolean => blocks.size > 0;

export const hasNaN = (x: Tensor): boolean => x.isFloat && x.data.some(Number.isNaN);

/** What compilers call their helpers where `using` is not yet a part of the runtime. */
const helper = /__callDispose|__disposeResources|usingCtx/;

/** The first line of a stack that is not inside one of the library's numbered modules, or its exporter. */
export function callSite(stack: string): string {
  const frames = stack.split("\n").slice(1);
  const inside = /[\\/](\d\d-[a-z-]+|onnx[\\/](export|training))[\\/](?!.*\.test\.)/;
  const outside = frames.slice(frames.findLastIndex((frame) => helper.test(frame)) + 1);
  return (outside.find((frame) => !inside.test(frame)) ?? frames.at(-1) ?? "an unknown place")
    .trim()
    .replace(/^at /, "");
}
