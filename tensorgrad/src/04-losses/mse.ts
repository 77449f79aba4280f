import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireSameShape, single } from "./reduction.ts";

/**
 * Mean squared error.
 *
 *   loss = mean (x − y)²
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: 2·(x − y)/n; y: the negative of that
 * Throws    ShapeError if the shapes differ: broadcasting here would hide a mistake
 */
export function mse(x: Tensor, y: Tensor, options: LossOptions = {}): Tensor {
  const { reduction = "mean" } = checked("mse", options, ["reduction"]);
  requireSameShape("mse", x, y);
  return reduceLoss("mse", single(x).sub(y).square(), reduction);
}

/** `mse` as an object. */
export class MSELoss extends Loss<LossOptions> {
  forward(x: Tensor, y: Tensor): Tensor {
    return mse(x, y, this.options);
  }
}
