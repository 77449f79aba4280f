import { builtinModules } from "../builtin.ts";

/**
 * Which kernels OpenBLAS computes with. It looks a processor up in a list when it is loaded; one that is newer than the list gets
 * kernels for the oldest: vectors of 128 bits instead of 512, a quarter of the speed. `OPENBLAS_CORETYPE` names others,
 * and is read only then. So the library is loaded a second time, under that name.
 */

/** What the environment says, for OpenBLAS and for tensorgrad. */
export const CORETYPE = "OPENBLAS_CORETYPE";

/** Bits of the vectors in which OpenBLAS computes, by its names of processors; 128 for all others. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ sandybridge: 256, bulldozer: 256, piledriver: 256, steamroller: 256, excavator: 256 },
  ...{ haswell: 256, zen: 256 },
  ...{ skylakex: 512, cooperlake: 512, sapphirerapids: 512 },
};
const widthOf = (core: string): number => WIDTHS[core.toLowerCase()] ?? 128;

/** What kernels need of a processor, as Linux names it; the widest first. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  SkylakeX: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl", "avx2", "fma", "avx"],
  Haswell: ["avx2", "fma", "avx"],
  Sandybridge: ["avx"],
};

/** A library as koffi gives it. */
export interface Loaded {
  func(definition: string): (...args: unknown[]) => unknown;
  unload(): void;
}

/** Puts a variable into the environment that native libraries see, or takes it out. */
export type SetVariable = (name: string, value: string | null) => void;

/** The widest kernels of OpenBLAS that this processor runs; null where it has none beyond 128 bits, or does not tell. */
export function widestCore(flags: ReadonlySet<string> = processorFlags()): string | null {
  const names = Object.keys(NEEDS);
  return names.find((core) => NEEDS[core].every((flag) => flags.has(flag))) ?? null;
}

/** Whether OpenBLAS computes in narrower vectors than it could. */
export const isNarrow = (core: string, widest: string | null): boolean =>
  widest !== null && widthOf(core) < widthOf(widest);

/** What OpenBLAS says of its kernels; null for other libraries. */
export function coreOf(native: Loaded): string | null {
  try {
    return String(native.func("const char *openblas_get_corename()")());
  } catch {
    return null;
  }
}

/**
 * Loads a library; an OpenBLAS that chose kernels of 128 bits for a processor with wider vectors once more, with the right ones.
 * A choice of the user's, or of OpenBLAS between wide ones, stands. `instead` is what it had chosen; empty if that stands.
 */
export function loadWide<T extends Loaded>(
  load: () => T,
  setVariable: SetVariable,
  widest: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): { readonly native: T; readonly instead: string } {
  const native = load();
  const core = coreOf(native);
  if (core === null || widthOf(core) > 128 || !isNarrow(core, widest) || environment[CORETYPE])
    return { native, instead: "" };
  native.unload();
  setVariable(CORETYPE, widest);
  try {
    const again = load();
    return { native: again, instead: coreOf(again) === core ? "" : core };
  } finally {
    setVariable(CORETYPE, null); // programs that are started from here choose for themselves
  }
}

/** What the processor has; empty where the system does not list it. */
function processorFlags(): ReadonlySet<string> {
  if (process.platform !== "linux" || process.arch !== "x64") return new Set();
  try {
    const text = builtinModules()?.("node:fs").readFileSync("/proc/cpuinfo", "utf8") ?? "";
    return new Set(/^flags\s*:(.*)$/m.exec(text)?.[1].trim().split(" "));
  } catch {
    return new Set(); // a container without /proc
  }
}
