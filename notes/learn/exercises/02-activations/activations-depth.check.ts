import { heap, scope, tensor, zeros } from "tensorgrad";
import { tensors } from "tensorgrad/functions";
import { relu } from "tensorgrad/nn";
import { asked } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

/** The gradient 1 after ten activations, each with the input 0. */
function through(Activation: typeof tensors.Sigmoid): number {
  let g = 1;
  for (let i = 0; i < 10; i++) {
    const [[dx]] = gradientsOf(new Activation(), tensor([g]), tensor([0])) as number[][];
    g = dx;
  }
  return g;
}

/** Every block of the heap has a header. */
const header = 64;

function bytesOfRelu(): number {
  using _ = scope();
  const x = zeros([256, 1024]);
  const before = heap.live;
  relu(x);
  return heap.live - before - header;
}

export const { checks, solution } = asked({
  sigmoid: ["the gradient behind ten sigmoids", () => through(tensors.Sigmoid), 0.01],
  tanh: ["the gradient behind ten tanhs", () => through(tensors.Tanh), 0.01],
  bytes: ["bytes of a ReLU's result, measured", bytesOfRelu],
});
