import type { BlasLibrary } from "./library.ts";

/** The library inside the package onnxruntime-node, by this name. */
export const ONNX_RUNTIME = "onnxruntime";

/** What became of the search for a BLAS. */
export interface BlasReport {
  /** `auto`, `off`, `onnxruntime` or a path, from `TENSORGRAD_BLAS` or `useBlas`. */
  readonly setting: string;
  /** The library that multiplies, checked against the reference; null where the own kernels do. */
  readonly library: Pick<BlasLibrary, "name" | "version" | "core" | "instead" | "path"> | null;
  /** What was looked at and not taken, and why: `libopenblas.so.0: there is no such library`. */
  readonly refused: readonly string[];
}

/** What `TENSORGRAD_BLAS` says. */
export function settingOfEnvironment(): string {
  const value = typeof process === "undefined" ? undefined : process.env?.TENSORGRAD_BLAS;
  return valid(value || "auto", "TENSORGRAD_BLAS");
}

/** The same setting, if it is one. */
export function valid(value: string, call: string): string {
  if (["auto", "off", ONNX_RUNTIME].includes(value) || /[\\/]|\.(so|dylib|dll)\b/.test(value)) return value;
  throw new RangeError(
    `${call}: "${value}" — must be "auto", "off", "onnxruntime" or the path of a BLAS library, such as /usr/lib/libopenblas.so`,
  );
}
