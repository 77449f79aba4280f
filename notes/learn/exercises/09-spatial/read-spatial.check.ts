import { zeros } from "tensorgrad";
import { Conv2d, conv2d } from "tensorgrad/nn";
import { asked } from "../compare.ts";

/** How wide a result of two 3×3 convolutions looks: the pixels that have a gradient. */
function seen(): number {
  const x = zeros([1, 1, 1, 15], { requiresGrad: true });
  const filter = zeros([1, 1, 1, 3]).add(1);
  const y = conv2d(conv2d(x, filter), filter);
  y.select(3, 5).sum().backward();
  return [...(x.grad?.data ?? [])].filter((g) => g !== 0).length;
}

export const { checks, solution } = asked({
  weights: ["weights of 64 filters", () => new Conv2d(3, 64, 3, { bias: false }).weight.size],
  size: [
    "the height of the result",
    () => conv2d(zeros([1, 1, 32, 32]), zeros([1, 1, 3, 3]), null, { padding: 1, stride: 2 }).shape[2],
  ],
  sees: ["the width that one result sees", seen],
  gain: ["how many times fewer products", () => (9 * 64) / (9 + 64), 2e-3],
});
