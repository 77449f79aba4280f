import { expectArgument } from "../00-runtime/index.ts";
import type { Function } from "./function.ts";
import { expectTensors } from "./operands.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Every tensor behind the outputs, inputs before results: depth first, where a tensor is done once all its inputs are.
 * The walk leaves out tensors that are not `inside`, and what is behind those that are an `end`. It keeps a stack of its own,
 * so depth is bounded by memory.
 *
 * Cost      one visit per tensor and use
 */
export function topologicalOrder(
  outputs: readonly Tensor[],
  inside: (x: Tensor) => boolean = (x) => x.requiresGrad,
  isEnd: (x: Tensor) => boolean = () => false,
): Tensor[] {
  expectTensors("topologicalOrder", outputs, "outputs");
  expectArgument(
    typeof inside === "function",
    "topologicalOrder",
    "inside",
    inside,
    "a function of a tensor",
  );
  expectArgument(typeof isEnd === "function", "topologicalOrder", "isEnd", isEnd, "a function of a tensor");
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const path: Tensor[] = []; // from an output down to the tensor at hand
  const next: number[] = []; // for each tensor on the path, the input to look at next
  const enter = (x: Tensor) => {
    if (seen.has(x) || !inside(x)) return;
    seen.add(x);
    path.push(x);
    next.push(0);
  };
  for (const output of outputs) {
    enter(output);
    while (path.length > 0) {
      const top = path.length - 1;
      const inputs = isEnd(path[top]) ? undefined : path[top].gradFn?.prev;
      if (inputs && next[top] < inputs.length) enter(inputs[next[top]++]);
      else {
        order.push(path[top]);
        path.pop();
        next.pop();
      }
    }
  }
  return order;
}

/** Every operation behind the outputs, in the same order, up to the tensors that are given. */
export const operationsBehind = (
  outputs: readonly Tensor[],
  isGiven: (x: Tensor) => boolean = () => false,
): Function[] => {
  expectArgument(
    typeof isGiven === "function",
    "operationsBehind",
    "isGiven",
    isGiven,
    "a function of a tensor",
  );
  return topologicalOrder(outputs, (x) => !x.isLeaf && !isGiven(x)).map(({ gradFn }) => gradFn as Function);
};
