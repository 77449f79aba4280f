import type { Module } from "./module.ts";

/**
 * Puts every part of a model into evaluation mode until the end of the block; then each part is as it was, also one
 * that was in evaluation mode before.
 *
 *   using _ = evaluating(model);
 *
 * The block should not `await`: another function that runs meanwhile would see this mode.
 */
export function evaluating(model: Module): Disposable {
  const before = model.modules().map(([, part]) => [part, part.training] as const);
  model.eval();
  return {
    [Symbol.dispose]: () => {
      for (const [part, training] of before) part.training = training;
    },
  };
}
