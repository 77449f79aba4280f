import { expectArgument } from "../00-runtime/index.ts";
import { expectModule } from "./layer.ts";
import type { Module } from "./module.ts";

/**
 * Puts every part of a model into evaluation mode until the end of the block; then each part is as it was, also one
 * that was in evaluation mode before.
 *
 *   using _ = evaluating(model);
 *
 * The block should not `await`: another function that runs meanwhile would see this mode.
 * `parts` are those of the model, where somebody has listed them already: to visit them takes time.
 */
export function evaluating(model: Module, parts: readonly Module[] = partsOf(model)): Disposable {
  expectArgument(Array.isArray(parts), "evaluating", "parts", parts, "a list of modules");
  const before = parts.map((part) => part.training);
  for (const part of parts) part.training = false;
  return {
    [Symbol.dispose]: () => {
      for (const [i, part] of parts.entries()) part.training = before[i];
    },
  };
}

function partsOf(model: Module): Module[] {
  expectModule("evaluating", model);
  return model.modules().map(([, part]) => part);
}
