import { builtinModules } from "../builtin.ts";

type Collector = () => void;

/** `gc` of this runtime; a browser has none. */
let collector: Collector | null | undefined;

/**
 * A full collection, about 5 ms, where the runtime grants one. What it finds dead outside every scope is
 * given back after the next turn of the event loop.
 */
export function collect(): void {
  collector ??= findCollector();
  collector?.();
}

/** Node shows its collector to contexts made after the flag was set. */
function findCollector(): Collector | null {
  const known = (globalThis as { gc?: Collector }).gc;
  if (known) return known;
  const builtin = builtinModules();
  if (!builtin) return null;
  builtin("node:v8").setFlagsFromString("--expose-gc");
  return builtin("node:vm").runInNewContext("gc") as Collector;
}
