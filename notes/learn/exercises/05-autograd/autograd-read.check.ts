import { grad, tensor } from "tensorgrad";
import { asked } from "../compare.ts";

function hand(): number {
  const w = tensor(
    [
      [0.5, -1],
      [1, 0.5],
    ],
    { requiresGrad: true },
  );
  tensor([[1, 2]])
    .matmul(w)
    .add(tensor([0.1, -0.2]))
    .relu()
    .sum()
    .backward();
  return w.grad!.select(0, 1).select(0, 0).item();
}

function twice(): number {
  const x = tensor([3], { requiresGrad: true });
  const y = x.square().sum();
  for (let i = 0; i < 2; i++) y.backward(null, { retainGraph: true });
  return x.grad!.item();
}

function second(): number {
  const x = tensor([2], { requiresGrad: true });
  const [slope] = grad(x.pow(3).sum(), [x], { createGraph: true });
  return grad(slope.sum(), [x])[0].item();
}

export const { checks, solution } = asked({
  hand: ["w's gradient", hand],
  twice: ["x.grad after two calls", twice],
  second: ["the second derivative of x³", second, 1e-5],
  segment: ["layers of a segment", () => Math.sqrt(64)],
});
