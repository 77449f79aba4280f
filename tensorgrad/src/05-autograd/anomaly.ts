import { expectArgument, finished } from "../00-runtime/index.ts";
import { watchForNaN } from "../01-tensor/index.ts";

/**
 * Looks for the first NaN: an operation that makes one from inputs without NaN, or whose backward does, throws a
 * GradientError that names it and the line that called it. As a function, or for the rest of a block:
 *
 * ```ts
 * using _ = detectAnomaly();
 * const loss = crossEntropy(model.forward(x), y);
 * loss.backward();
 * ```
 *
 * A block may contain an `await`, such as that of a whole training; what other functions compute meanwhile is looked at, too.
 *
 * Cost      every result is read once more and every call takes a stack trace: many times slower, for debugging only
 *           Convolutions of 3×3 use the direct sum meanwhile, for Winograd's products spread NaN and ∞ over a tile
 */
export function detectAnomaly<T>(fn: () => T): T;
export function detectAnomaly(): Disposable;
export function detectAnomaly<T>(fn?: () => T): T | Disposable {
  expectArgument(
    fn === undefined || typeof fn === "function",
    "detectAnomaly",
    "fn",
    fn,
    "a function, or nothing: using _ = detectAnomaly()",
  );
  if (!fn) return watchForNaN();
  using _ = watchForNaN();
  return finished("detectAnomaly", fn());
}
