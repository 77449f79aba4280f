import { ones, Random, type Tensor, zeros } from "tensorgrad";
import { Dropout, init } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const random = new Random(1);

/** Of numbers drawn uniformly between ±c: c/√3, c a little above the largest of them. */
const deviation = (drawn: Tensor): number => drawn.abs().max().item() / Math.sqrt(3);

const kept = (): number =>
  new Dropout(0.2, { random })
    .forward(ones([100]))
    .max()
    .item();

export const { checks, solution } = asked({
  variance: ["variance of the sum", () => 100 * 0.02],
  kaiming: [
    "Kaiming's deviation, measured",
    () => deviation(init.kaimingUniform(zeros([10, 200]), { random })),
    0.02,
  ],
  xavier: [
    "Xavier's deviation, measured",
    () => deviation(init.xavierUniform(zeros([20, 30]), { random })),
    0.02,
  ],
  kept: ["what dropout multiplies by", kept, 0.02],
});
