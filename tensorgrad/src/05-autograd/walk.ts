import { type Arena, arena, observing } from "../00-runtime/index.ts";
import { type Tensor, topologicalOrder } from "../01-tensor/index.ts";
import { checkCount, checked } from "./checked.ts";
import { Pending } from "./pending.ts";
import { requireUnreleased } from "./released.ts";

// exercise: autograd-walk
/**
 * Reverse accumulation, the whole of it: visit tensors from the outputs back to the inputs, each after all its uses.
 * By then its gradient is complete: one contribution per use, added up. Each operation turns the gradient of its
 * result into gradients of its own inputs.
 *
 * Returns the gradient of every wanted tensor that the outputs depend on, and the order of the walk. It goes no further than
 * tensors that are an `end`.
 *
 * Source    Linnainmaa 1970; Griewank & Walther 2008, Evaluating Derivatives, chapter 3
 */
export function walk(
  outputs: readonly Tensor[],
  seeds: readonly Tensor[],
  isWanted: (x: Tensor) => boolean,
  pass: Arena | null,
  isEnd?: (x: Tensor) => boolean,
): { readonly found: ReadonlyMap<Tensor, Tensor>; readonly visited: readonly Tensor[] } {
  const order = topologicalOrder(outputs, undefined, isEnd);
  requireUnreleased(order);
  const needed = leadingTo(isWanted, order);
  const pending = new Pending(pass);
  const found = new Map<Tensor, Tensor>();
  for (const [i, y] of outputs.entries()) pending.add(y, seeds[i]);
  for (const y of order.reverse()) {
    const g = needed.has(y) ? pending.complete(y) : null; // every use of y has added its part
    if (!g) continue;
    if (isWanted(y)) found.set(y, pending.keep(g));
    const { gradFn } = y;
    if (gradFn?.prev.some((x) => needed.has(x))) {
      using _seen = observing("backward", gradFn.name, gradFn);
      using _made = pass && arena(); // what the rule makes on its way ends with it
      using rule = gradFn.running(y, g);
      const gradients = gradFn.backward(rule.g);
      checkCount(gradFn, gradients);
      for (const [i, x] of gradFn.prev.entries())
        if (needed.has(x)) pending.add(x, checked(gradFn, gradients[i], i, rule));
    }
    pending.done(y);
  }
  return { found, visited: order };
}

/** The wanted tensors, and all that were computed from them. `order` has inputs before results. */
function leadingTo(isWanted: (x: Tensor) => boolean, order: readonly Tensor[]): ReadonlySet<Tensor> {
  const needed = new Set<Tensor>();
  for (const y of order) if (isWanted(y) || y.gradFn?.prev.some((x) => needed.has(x))) needed.add(y);
  return needed;
}
