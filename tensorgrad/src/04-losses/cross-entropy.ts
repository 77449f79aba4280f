import { kernels } from "../00-runtime/index.ts";
import { arange, Function, type Gradient, isRecording, node, type Tensor } from "../01-tensor/index.ts";
import { logSoftmax, softmax } from "../02-activations/index.ts";
import { classTargets, requireClassWeights } from "./class-targets.ts";
import * as reference from "./cross-entropy.reference.ts";
import * as split from "./cross-entropy.split.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, type Reduction, reduceLoss, single } from "./reduction.ts";

const kernel = kernels(reference, split);

/**
 * One loss per row: −ln softmax(x)[target], fused so that probabilities are never stored.
 *
 * Shapes    x [N, C], targets [N] int32 (negative: this row does not count) → [N]
 * Gradient  x: (softmax(x) − onehot(target))·g
 * ONNX      SoftmaxCrossEntropyLoss
 */
export class CrossEntropyRows extends Function {
  #x!: Tensor;
  #targets!: Tensor;
  forward(x: Tensor, targets: Tensor): Tensor {
    [this.#x, this.#targets] = [x.contiguous(), targets.contiguous()];
    const losses = x.newEmpty(targets.shape);
    kernel.crossEntropy(this.#x, this.#targets, losses, ...(x.shape as [number, number]));
    return losses;
  }
  backward(g: Tensor): Gradient[] {
    const [x, targets] = [this.#x, this.#targets];
    if (!isRecording()) return [() => this.#fused(g.contiguous()), null];
    const counted = targets.lt(0).where(0, g).unsqueeze(1);
    return [() => softmax(this.prev[0]).sub(oneHot(targets, x).to(x.dtype)).mul(counted), null];
  }
  #fused(g: Tensor): Tensor {
    const dx = this.#x.newEmpty(this.#x.shape);
    kernel.crossEntropyGrad(this.#x, this.#targets, g, dx, ...(dx.shape as [number, number]));
    return dx;
  }
  override onnx() {
    return node("SoftmaxCrossEntropyLoss", { reduction: "none", ignore_index: -1 });
  }
}

/** True where the class is the row's target. */
const oneHot = (targets: Tensor, x: Tensor): Tensor => targets.unsqueeze(1).eq(arange(x.shape[1]));

export interface CrossEntropyOptions extends LossOptions {
  /** A weight per class, [C]. */
  readonly weight?: Tensor;
  /** Rows with this target do not count. */
  readonly ignoreIndex?: number;
  /** The share of the target that is spread evenly over all classes, 0 to 1. */
  readonly labelSmoothing?: number;
}

/**
 * How surprised a model is by the true classes, in nats.
 *
 *   loss = mean over rows of −ln softmax(logits)[target]
 *
 * Shapes    logits [N, C], targets [N] class indices → a scalar; [N] with reduction "none"
 * Gradient  (softmax(logits) − onehot(targets))/N
 * Throws    ShapeError for other shapes, RangeError for a target that is no class index (NaN, fractions, too large)
 * Source    PyTorch's CrossEntropyLoss, options included
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  const { classes, ignored } = classTargets("crossEntropy", "logits", logits, targets, ignoreIndex);
  checkOptions(logits, weight, labelSmoothing);
  const floats = single(logits).asFloat();
  if (weight || labelSmoothing > 0)
    return weighted(floats, classes, { weight: weight && single(weight), labelSmoothing, reduction });
  const losses = new CrossEntropyRows().apply(floats, classes);
  if (reduction !== "mean" || !ignored) return reduceLoss("crossEntropy", losses, reduction);
  return losses.sum().div(classes.ge(0).sum());
}

/** With class weights w and smoothing ε: (1 − ε)·w_t·(−ln p_t) + ε/C·Σ_c w_c·(−ln p_c), divided by Σ w_t. */
function weighted(
  logits: Tensor,
  targets: Tensor,
  {
    weight,
    labelSmoothing,
    reduction,
  }: { weight: Tensor | undefined; labelSmoothing: number; reduction: Reduction },
): Tensor {
  const [, C] = logits.shape;
  const counted = targets.ge(0);
  const surprise = logSoftmax(logits).neg(); // [N, C]
  const scaled = weight ? surprise.mul(weight) : surprise;
  const onTarget = oneHot(targets, logits).where(scaled, 0).sum(1);
  // Without smoothing, the other classes' surprise (infinite where they are masked out) must not enter at all.
  const spread = labelSmoothing === 0 ? 0 : counted.where(scaled.sum(1), 0).mul(labelSmoothing / C);
  const losses = onTarget.mul(1 - labelSmoothing).add(spread);
  if (reduction !== "mean") return reduceLoss("crossEntropy", losses, reduction);
  const total = weight ? oneHot(targets, logits).where(weight, 0).sum() : counted.sum();
  return losses.sum().div(total);
}

function checkOptions(logits: Tensor, weight: Tensor | undefined, labelSmoothing: number): void {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`crossEntropy: labelSmoothing = ${labelSmoothing} — a share from 0 to 1`);
  }
  requireClassWeights("crossEntropy", "logits", weight, logits);
}

/** `crossEntropy` as an object that keeps its options. */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  forward(logits: Tensor, targets: Tensor): Tensor {
    return crossEntropy(logits, targets, this.options);
  }
}
