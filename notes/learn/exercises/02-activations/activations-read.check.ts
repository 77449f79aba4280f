import { tensor } from "tensorgrad";
import { activations, tensors } from "tensorgrad/functions";
import { asked } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

/** The slope of sigmoid where its result is 0.8. */
function sigmoidSlope(): number {
  const x = tensor([Math.log(0.8 / 0.2)]);
  return (gradientsOf(new tensors.Sigmoid(), tensor([1]), x) as number[][])[0][0];
}

const reluSlope = (): number =>
  (gradientsOf(new tensors.Relu(), tensor([1]), tensor([0])) as number[][])[0][0];

/** ∂y₀/∂x₁ of softmax where it gives [0.25, 0.75]. */
function softmaxSlope(): number {
  const scores = tensor([[0, Math.log(3)]]);
  const [[[, slope]]] = gradientsOf(new activations.SoftmaxRows(), tensor([[1, 0]]), scores) as number[][][];
  return slope;
}

function overflow(): number {
  for (let x = 0; ; x++) if (tensor([x]).exp().item() === Number.POSITIVE_INFINITY) return x;
}

export const { checks, solution } = asked({
  slope: ["the slope of sigmoid", sigmoidSlope, 0.01],
  kink: ["the slope of ReLU at 0", reluSlope],
  other: ["the effect of the other score", softmaxSlope, 0.01],
  overflow: ["where float32 overflows", overflow, 0.001],
});
