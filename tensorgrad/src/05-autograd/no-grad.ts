import { setRecording, withRecording } from "../01-tensor/index.ts";

/**
 * Computes without recording: no graph, no memory for it. As a function, or for the rest of a block:
 *
 * ```ts
 * const accuracy = noGrad(() => evaluate(model));
 * using _ = noGrad();
 * ```
 */
export function noGrad<T>(fn: () => T): T;
export function noGrad(): Disposable;
export function noGrad<T>(fn?: () => T): T | Disposable {
  if (fn) return withRecording("off", fn);
  const before = setRecording("off");
  return { [Symbol.dispose]: () => void setRecording(before) };
}
