import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireSameShape } from "./reduction.ts";

/** Options of `smoothL1`. */
export interface SmoothL1Options extends LossOptions {
  /** Where the parabola ends and the straight line of slope 1 begins; 0 for straight lines alone. */
  readonly beta?: number;
}

/**
 * Absolute error without a kink: a parabola joins both straight lines. It is `huber` divided by its delta.
 *
 *   loss = mean d²/(2β) where |d| < β, else |d| − β/2, with d = x − y
 *        = mean (c/β)·(d − c/2), c = d held within ±β
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: (c/β)/n; y: the negative of that
 * Throws    ShapeError if the shapes differ; RangeError if beta is negative or no number
 * Source    Girshick 2015, Fast R-CNN; PyTorch's SmoothL1Loss
 */
export function smoothL1(x: Tensor, y: Tensor, options: SmoothL1Options = {}): Tensor {
  const { beta = 1, reduction = "mean" } = checked("smoothL1", options, ["beta", "reduction"]);
  requireSameShape("smoothL1", x, y);
  if (!(beta >= 0)) throw new RangeError(`smoothL1: beta = ${beta} — a number, 0 or more`);
  const d = x.sub(y).asFloat();
  if (beta === 0) return reduceLoss("smoothL1", d.abs(), reduction);
  const c = d.clamp(-beta, beta);
  return reduceLoss("smoothL1", c.div(beta).mul(d.sub(c.mul(0.5))), reduction);
}

/** `smoothL1` as an object. */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  forward(x: Tensor, y: Tensor): Tensor {
    return smoothL1(x, y, this.options);
  }
}
