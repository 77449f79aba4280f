import { tensor, zeros } from "tensorgrad";
import { losses } from "tensorgrad/functions";
import { crossEntropy } from "tensorgrad/nn";
import { asked } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

const first = tensor([0], { dtype: "int32" });

const fresh = (): number => crossEntropy(zeros([1, 10]), first).item();

/** The loss takes a perfect model's probabilities for logits. */
const twice = (): number => crossEntropy(tensor([[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]]), first).item();

/** At logits [0, ln 3] the first class has probability 1/4. */
function pull(): number {
  const x = tensor([[0, Math.log(3)]], { requiresGrad: true });
  const [[[dx]]] = gradientsOf(new losses.CrossEntropyRows(), tensor([1]), x, first) as number[][][];
  return dx;
}

export const { checks, solution } = asked({
  fresh: ["the loss of equal logits", fresh, 0.01],
  twice: ["the least loss with two softmaxes", twice, 0.01],
  pull: ["the gradient of the true class's logit", pull, 0.01],
  smooth: ["the smoothed target", () => 1 - 0.1 + 0.1 / 10, 0.005],
});
