import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireSameShape, single } from "./reduction.ts";

/**
 * Mean absolute error: an outlier pulls as hard as any other point, no harder.
 *
 *   loss = mean |x − y|
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: sign(x − y)/n, 0 where they are equal; y: the negative of that
 * Throws    ShapeError if the shapes differ
 */
export function l1(x: Tensor, y: Tensor, options: LossOptions = {}): Tensor {
  const { reduction = "mean" } = checked("l1", options, ["reduction"]);
  requireSameShape("l1", x, y);
  return reduceLoss("l1", single(x).sub(y).abs(), reduction);
}

/** `l1` as an object. */
export class L1Loss extends Loss<LossOptions> {
  forward(x: Tensor, y: Tensor): Tensor {
    return l1(x, y, this.options);
  }
}
