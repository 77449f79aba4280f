import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { type Reduction, reduceLoss, requireProbabilities, requireSameShape, single } from "./reduction.ts";

/** Options of `klDiv`. */
export interface KLDivOptions {
  /** "batchmean" divides the sum by the number of rows: the divergence per row, as it is defined. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether targets are logarithms of probabilities, as predictions always are. */
  readonly logTarget?: boolean;
}

/**
 * How many nats it costs to believe q where p is true: cross-entropy without the entropy of the targets.
 *
 *   loss = mean p·(ln p − x), x = ln q; 0 where p = 0
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: −p/n; y: (ln p + 1 − x)/n, 0 where p = 0
 * Throws    ShapeError if the shapes differ; RangeError for targets outside of [0, 1]
 * Source    Kullback & Leibler 1951; PyTorch's KLDivLoss, whose "mean" divides by all elements
 */
export function klDiv(x: Tensor, y: Tensor, options: KLDivOptions = {}): Tensor {
  const { reduction = "mean", logTarget = false } = checked("klDiv", options, ["reduction", "logTarget"]);
  requireSameShape("klDiv", x, y);
  if (!logTarget) {
    const remedy = "for log-probabilities pass { logTarget: true }";
    requireProbabilities("klDiv", "targets", y, remedy);
  }
  [x, y] = [single(x), single(y)];
  // What never happens costs nothing: 1·(ln 1 − 0) stands in for 0·(ln 0 − x), which would be NaN.
  const never = y.eq(logTarget ? -Infinity : 0);
  const target = never.where(logTarget ? 0 : 1, y).asFloat();
  const [p, logP] = logTarget ? [target.exp(), target] : [target, target.log()];
  const losses = p.mul(logP.sub(never.where(0, x)));
  if (reduction !== "batchmean") return reduceLoss("klDiv", losses, reduction, ', "batchmean"');
  return losses.sum().div(x.shape[0] ?? 1);
}

/** `klDiv` as an object. */
export class KLDivLoss extends Loss<KLDivOptions> {
  forward(x: Tensor, y: Tensor): Tensor {
    return klDiv(x, y, this.options);
  }
}
