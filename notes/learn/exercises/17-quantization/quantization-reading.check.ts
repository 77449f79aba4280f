import { full, tensor } from "tensorgrad";
import { quantizeInt8 } from "tensorgrad/quantization";
import { asked } from "../compare.ts";

const largest = (): number => full([1000], 127).mul(127).to("float64").sum().item();

export const { checks, solution } = asked({
  integer: ["the integer for 0.7", () => quantizeInt8(tensor([-1, 0.7, 1])).q.data[1]],
  largestSum: ["the largest sum", largest],
  growth: ["growth over 16 layers", () => Math.sqrt(16)],
});
