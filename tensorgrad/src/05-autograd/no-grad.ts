import { expectArgument, finished } from "../00-runtime/index.ts";
import { notRecording, withRecording } from "../01-tensor/index.ts";

/**
 * Computes without recording: no graph, no memory for it. As a function, or for the rest of a block:
 *
 * ```ts
 * const accuracy = noGrad(() => evaluate(model));
 * using _ = noGrad();
 * ```
 *
 * Both are for synchronous code: what other functions compute during an `await` is recorded as usual.
 *
 * Throws    TypeError for a function that is asynchronous or a generator; GradientError at the end of a block with an `await`
 */
export function noGrad<T>(fn: () => T): T;
export function noGrad(): Disposable;
export function noGrad<T>(fn?: () => T): T | Disposable {
  if (typeof fn === "function") return finished("noGrad", withRecording("off", fn));
  expectArgument(fn === undefined, "noGrad", "fn", fn, "a function, or nothing: using _ = noGrad()");
  return notRecording("noGrad");
}
