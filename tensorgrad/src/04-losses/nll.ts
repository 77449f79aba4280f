import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { softmax } from "../02-activations/index.ts";
import { classTargets, requireClassWeights, rowsOf } from "./class-targets.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireTensors, single } from "./reduction.ts";

/** Options of `nll` and `decomposedCrossEntropy`. */
export interface NLLOptions extends LossOptions {
  /** A weight per class, [C]. */
  readonly weight?: Tensor;
  /** Rows with this target do not count. */
  readonly ignoreIndex?: number;
}

/**
 * Negative log-likelihood: how surprised a model is by the true classes, from log-probabilities, in nats.
 *
 *   loss = Σ w[target]·(−x[n, target]) / Σ w[target], over rows that count; w = 1 unless given
 *
 * Shapes    x [N, C, …], targets [N, …] class indices → a scalar; [N, …] with reduction "none"
 * Gradient  −w[target]/Σ w at each row's target, 0 elsewhere
 * Throws    ShapeError for other shapes, RangeError for a target that is no class index
 * Source    PyTorch's NLLLoss, options included
 */
export function nll(x: Tensor, targets: Tensor, options: NLLOptions = {}): Tensor {
  const {
    weight,
    ignoreIndex = -100,
    reduction = "mean",
  } = checked("nll", options, ["reduction", "weight", "ignoreIndex"]);
  const { x: rows, targets: given, shaped } = rowsOf("nll", "log-probabilities", x, targets);
  const { classes, ignored } = classTargets("nll", "log-probabilities", rows, given, ignoreIndex);
  requireClassWeights("nll", "log-probabilities", weight, x);
  const found = ignored ? classes.maximum(0) : classes; // any class will do for rows that do not count
  const counted = (values: Tensor) => (ignored ? classes.ge(0).where(values, 0) : values);
  const surprise = single(rows).asFloat().gather(1, found.unsqueeze(1)).squeeze(1).neg(); // [N]
  if (!weight) {
    const losses = counted(surprise);
    if (reduction !== "mean" || !ignored) return reduceLoss("nll", shaped(losses), reduction);
    return losses.sum().div(classes.ge(0).sum());
  }
  const weights = weight.indexSelect(0, found); // [N]
  const losses = counted(surprise.mul(weights));
  return reduction === "mean"
    ? losses.sum().div(counted(weights).sum())
    : reduceLoss("nll", shaped(losses), reduction);
}

/** `nll` as an object. */
export class NLLLoss extends Loss<NLLOptions> {
  forward(x: Tensor, targets: Tensor): Tensor {
    return nll(x, targets, this.options);
  }
}

/**
 * Cross-entropy as a textbook writes it, in three steps: probabilities, their logarithm, the true class's share.
 *
 * Equal to `crossEntropy` in value and gradient as long as no probability rounds to 0. It does for logits 88 apart
 * (float32), 746 in float64: the loss becomes ∞ and the gradient NaN, where the fused one gives the difference of the
 * logits. It also stores [N, C] probabilities and logarithms that the fused one never forms.
 */
export function decomposedCrossEntropy(logits: Tensor, targets: Tensor, options: NLLOptions = {}): Tensor {
  checked("decomposedCrossEntropy", options, ["reduction", "weight", "ignoreIndex"]);
  requireTensors("decomposedCrossEntropy", logits, targets);
  const probabilities = softmax(single(logits), 1); // [N, C, …]
  return nll(probabilities.log(), targets, options);
}
