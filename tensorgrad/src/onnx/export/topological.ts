import type { Function, Tensor } from "../../01-tensor/index.ts";

/**
 * Every operation behind the outputs, inputs before users. The walk stops at given tensors and keeps its own
 * stack, for graphs may be deep.
 */
export function topological(outputs: readonly Tensor[], isGiven: (x: Tensor) => boolean): Function[] {
  const order: Function[] = [];
  const seen = new Set<Function>();
  const stack: { fn: Function; next: number }[] = [];
  const visit = (x: Tensor) => {
    if (!x.gradFn || seen.has(x.gradFn) || isGiven(x)) return;
    seen.add(x.gradFn);
    stack.push({ fn: x.gradFn, next: 0 });
  };
  for (const y of outputs) {
    visit(y);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.fn.prev.length) {
        visit(top.fn.prev[top.next++]);
      } else {
        order.push(top.fn);
        stack.pop();
      }
    }
  }
  return order;
}
