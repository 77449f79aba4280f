import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireSameShape, single } from "./reduction.ts";

/** Options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** Where the parabola ends and the straight line begins. */
  readonly delta?: number;
}

// exercise: losses-huber
/**
 * Squared error for small differences, absolute error for large ones.
 *
 *   loss = mean of d²/2 where |d| ≤ δ, else δ·(|d| − δ/2), with d = x − y
 *        = mean c·(d − c/2), c = d held within ±δ
 *
 * Both pieces are one product, without a square that could overflow.
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: c/n; y: the negative of that
 * Throws    ShapeError if the shapes differ; RangeError if delta is not positive
 * Source    Huber 1964, Robust estimation of a location parameter
 */
export function huber(x: Tensor, y: Tensor, options: HuberOptions = {}): Tensor {
  const { delta = 1, reduction = "mean" } = checked("huber", options, ["reduction", "delta"]);
  requireSameShape("huber", x, y);
  if (!(delta > 0)) throw new RangeError(`huber: delta = ${delta} — a positive number`);
  const d = single(x).sub(y).asFloat();
  const c = d.clamp(-delta, delta);
  return reduceLoss("huber", c.mul(d.sub(c.mul(0.5))), reduction);
}

/** `huber` as an object. */
export class HuberLoss extends Loss<HuberOptions> {
  forward(x: Tensor, y: Tensor): Tensor {
    return huber(x, y, this.options);
  }
}
