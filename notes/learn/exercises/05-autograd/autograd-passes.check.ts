import { Tensor, zeros } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { asked } from "../compare.ts";

/** The matrix products that backward makes through three layers. */
function products(requiresGrad: boolean): number {
  const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 8), new ReLU(), new Linear(8, 1));
  const loss = model.forward(zeros([2, 4], { requiresGrad })).sum();
  const right = Tensor.prototype.matmul;
  let count = 0;
  Tensor.prototype.matmul = function (this: Tensor, b: Tensor): Tensor {
    count++;
    return right.call(this, b);
  };
  try {
    loss.backward();
  } finally {
    Tensor.prototype.matmul = right;
  }
  return count;
}

/** One number for each pair of an element of the result and one of the weight. */
function jacobian(): number {
  const [x, w] = [zeros([4, 8]), zeros([8, 6])];
  return x.matmul(w).size * w.size * w.data.BYTES_PER_ELEMENT;
}

export const { checks, solution } = asked({
  data: ["products where the input is data, counted", () => products(false)],
  withInput: ["products where the input asks for a gradient, counted", () => products(true)],
  jacobian: ["bytes of the Jacobian", jacobian],
});
