import { zeros } from "tensorgrad";
import { type UnfoldOptions, unfold } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const growth = (kernel: number, options: UnfoldOptions) => () => {
  const x = zeros([2, 8, 16, 16]);
  return unfold(x, kernel, options).size / x.size;
};

export const { checks, solution } = asked({
  three: ["growth by a 3×3 filter", growth(3, { padding: 1 })],
  five: ["growth by a 5×5 filter", growth(5, { padding: 2 })],
  strided: ["growth with stride 2", growth(3, { padding: 1, stride: 2 })],
  bare: ["growth without padding", growth(3, {}), 1e-3],
});
