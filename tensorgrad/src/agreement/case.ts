import type { Calls, KernelCall } from "./calls.ts";

/** How far a kernel in WebAssembly may be from its reference, and the calls on which that is tried. */
export interface KernelCase {
  readonly name: string;
  /** Allowed distance from the reference, computed in float64, in units of the last place. */
  readonly ulps: number;
  /** Why that much. */
  readonly reason: string;
  readonly calls: Calls;
  /**
   * Units are those of max(|truth|, floor). "absolute values": of what the reference gives for the absolute
   * values of the inputs, which is the scale of the terms that cancel in a sum. Without a floor the sign of zero
   * counts as well.
   */
  readonly floor?: number | "absolute values" | ((call: KernelCall) => number);
  /** Which of the arrays is room to work in: what is left there does not count. */
  readonly scratch?: number;
  /** Why it runs on one thread; else its family says how it is divided. */
  readonly undivided?: string;
}

/** Rows for several kernels (`"add sub mul"`) that are tried on the same calls. */
export function each(
  names: string,
  ulps: number,
  reason: string,
  calls: Calls,
  extra: Pick<KernelCase, "floor" | "scratch" | "undivided"> = {},
): KernelCase[] {
  return names.split(" ").map((name) => ({ name, ulps, reason, calls, ...extra }));
}

// Reasons that several families share.
export const EXACT = "exact: no rounding";
export const ROUNDED = "correctly rounded, as IEEE 754 requires";
export const FITTED = "a fitted polynomial after range reduction, see simd-math.simd.ts";
export const PRODUCTS = "sums of products, which may cancel";
/** Why kernels are not divided. */
export const SELDOM = "no model here spends time on it";
