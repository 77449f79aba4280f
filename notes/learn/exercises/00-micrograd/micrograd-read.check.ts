import { trace, type Value, v } from "micrograd";
import { asked } from "../compare.ts";

/** The gradient of x in x·x at 3, after this kind of backward pass. */
function square(backward: (root: Value) => void): number {
  const x = v(3);
  backward(x.mul(x));
  return x.grad;
}

/** The gradient of a in c = b + b with b = a + a. */
function diamond(backward: (root: Value) => void): number {
  const a = v(1);
  const b = a.add(a);
  backward(b.add(b));
  return a.grad;
}

const right = (root: Value): void => root.backward();

/** The first bug. */
function assigned(root: Value): void {
  for (const { node, contributions } of trace(root))
    contributions.forEach((contribution, i) => {
      node.prev[i].grad = contribution;
    });
}

/** The second bug: every arriving part of a gradient is handed on with all that came before. */
function naive(node: Value): void {
  if (node.grad === 0) node.grad = 1; // the root
  node.pullback(node.grad).forEach((contribution, i) => {
    node.prev[i].grad += contribution;
    naive(node.prev[i]);
  });
}

export const { checks, solution } = asked({
  square: ["x·x", () => square(right)],
  assigned: ["x·x with contributions assigned", () => square(assigned)],
  diamond: ["the diamond", () => diamond(right)],
  naive: ["the diamond with the naive recursion", () => diamond(naive)],
});
