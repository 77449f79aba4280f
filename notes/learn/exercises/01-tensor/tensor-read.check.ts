import { arange, zeros } from "tensorgrad";
import { tensors } from "tensorgrad/functions";
import { asked } from "../compare.ts";

/** In arange(6), every element says where it lies. */
const place = (): number => arange(6).reshape(2, 3).select(0, 1).select(0, 1).item();

export const { checks, solution } = asked({
  place: ["where x[1, 1] lies", place],
  elements: ["elements of x + y", () => zeros([64, 1, 28]).add(zeros([32, 1])).size],
  gradient: ["elements of y's gradient", () => zeros([32, 1]).size],
  flops: [
    "operations of the product",
    () => 2 * new tensors.MatMul().multiplyAdds([zeros([64, 784])], zeros([64, 128])),
  ],
});
