import type { Function, Tensor } from "tensorgrad";
import type { Numbers } from "./compare.ts";

/**
 * The gradients that an operation's own rule gives its inputs, before the engine sums over stretched dims: no walk is needed.
 * The rule runs while operations are recorded, so it is the one in tensor operations, and no fused kernel takes its place.
 */
export function gradientsOf(operation: Function, g: Tensor, ...inputs: readonly Tensor[]): Numbers[] {
  operation.apply(...inputs);
  return operation.backward(g).flatMap((given) => {
    const gradient = typeof given === "function" ? given() : given;
    return gradient ? [gradient.toArray()] : [];
  });
}
