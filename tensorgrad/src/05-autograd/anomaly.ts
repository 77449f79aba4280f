import { setWatching } from "../01-tensor/index.ts";

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
 * Cost      every result is read once more and every call takes a stack trace: many times slower, for debugging only
 */
export function detectAnomaly<T>(fn: () => T): T;
export function detectAnomaly(): Disposable;
export function detectAnomaly<T>(fn?: () => T): T | Disposable {
  const before = setWatching(true);
  if (!fn) return { [Symbol.dispose]: () => void setWatching(before) };
  try {
    return fn();
  } finally {
    setWatching(before);
  }
}
