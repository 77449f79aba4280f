import { finished, type Half } from "../00-runtime/index.ts";
import type { Tensor } from "./tensor.ts";

/** The dtype in which products and convolutions are computed now; null for that of their operands. */
let wanted: Half | null = null;

export const autocastDtype = (): Half | null => wanted;

/** For what runs in between; returns the one before. */
export function setAutocast(dtype: Half | null): Half | null {
  const before = wanted;
  wanted = dtype;
  return before;
}

/**
 * Runs `fn` with matrix products, linear layers, convolutions, attention and recurrent layers in 16 bits. Their operands in
 * float32 are rounded to `dtype`. Sums are formed in float32, and the result is rounded to `dtype`. Everything else computes in
 * float32 and rounds what it makes of numbers in 16 bits. Losses are float32.
 *
 *   const y = autocast("bfloat16", () => model.forward(x));
 *
 * Gradients reach parameters in float32. They travel in 16 bits where numbers did: float16 needs a scaled loss, see
 * `MixedPrecisionTrainer`.
 *
 * Throws    TypeError for another dtype, and for an asynchronous function: others would run with its mode
 * Source    Micikevicius et al. 2018, Mixed precision training; PyTorch's torch.autocast
 */
export function autocast<T>(dtype: Half | "float32", fn: () => T): T {
  if (dtype !== "float16" && dtype !== "bfloat16" && dtype !== "float32")
    throw new TypeError(
      `autocast: ${JSON.stringify(dtype)} — products are computed in "float16" or "bfloat16", or as they are in "float32"`,
    );
  const before = setAutocast(dtype === "float32" ? null : dtype);
  try {
    return finished("autocast", fn());
  } finally {
    setAutocast(before);
  }
}

/** What a loss, or a sum over many elements, is computed from: in float32 while `autocast` is on. */
export const widened = (x: Tensor): Tensor => (wanted !== null && x.isHalf ? x.to("float32") : x);
