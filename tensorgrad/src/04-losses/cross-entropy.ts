import { checked, kernels, ShapeError, show } from "../00-runtime/index.ts";
import {
  arange,
  Function,
  type Gradient,
  isRecording,
  node,
  sameShape,
  type Tensor,
  unobserved,
} from "../01-tensor/index.ts";
import { logSoftmax, softmax } from "../02-activations/index.ts";
import { asRows, classTargets, requireClassWeights, rowsOf } from "./class-targets.ts";
import * as reference from "./cross-entropy.reference.ts";
import * as split from "./cross-entropy.split.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireTensors, single } from "./reduction.ts";

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
  // exercise: cross-entropy-backward
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

/** Options of `crossEntropy`. */
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
 * Targets may be probabilities, too: floats of the logits' shape. Then a row's loss is −Σ_c p_c·ln softmax(logits)_c.
 *
 * Shapes    logits [N, C, …], targets [N, …] class indices → a scalar; [N, …] with reduction "none"
 * Gradient  (softmax(logits) − onehot(targets))/N, or (softmax(logits) − p)/N where Σ p = 1
 * Throws    ShapeError for other shapes, RangeError for a target that is no class index (NaN, fractions, too large)
 * Source    PyTorch's CrossEntropyLoss, options included
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const {
    weight,
    ignoreIndex = -100,
    labelSmoothing = 0,
    reduction = "mean",
  } = checked("crossEntropy", options, ["reduction", "weight", "ignoreIndex", "labelSmoothing"]);
  requireTensors("crossEntropy", logits, targets);
  if (targets.isFloat && sameShape(targets.shape, logits.shape))
    return ofProbabilities(single(logits), single(targets), options);
  const { x, targets: given, shaped } = rowsOf("crossEntropy", "logits", logits, targets, orProbabilities);
  const { classes, ignored } = classTargets("crossEntropy", "logits", x, given, ignoreIndex);
  checkOptions(logits, weight, labelSmoothing);
  const floats = single(x).asFloat();
  const { losses, total } =
    weight || labelSmoothing > 0
      ? weighted(floats, classes, weight && single(weight), labelSmoothing)
      : { losses: new CrossEntropyRows().apply(floats, classes), total: null };
  if (reduction !== "mean" || (total === null && !ignored))
    return reduceLoss("crossEntropy", shaped(losses), reduction);
  return losses.sum().div(total ?? classes.ge(0).sum());
}

const orProbabilities = ", or probabilities: floats of the logits' shape";

/** With class weights w and smoothing ε: (1 − ε)·w_t·(−ln p_t) + ε/C·Σ_c w_c·(−ln p_c), to be divided by Σ w_t. */
function weighted(
  logits: Tensor,
  targets: Tensor,
  weight: Tensor | undefined,
  labelSmoothing: number,
): Record<"losses" | "total", Tensor> {
  const [, C] = logits.shape;
  const counted = targets.ge(0);
  const surprise = logSoftmax(logits).neg(); // [N, C]
  const scaled = weight ? surprise.mul(weight) : surprise;
  const onTarget = oneHot(targets, logits).where(scaled, 0).sum(1);
  // Without smoothing, the other classes' surprise (infinite where they are masked out) must not enter at all.
  const spread = labelSmoothing === 0 ? 0 : counted.where(scaled.sum(1), 0).mul(labelSmoothing / C);
  const total = weight ? oneHot(targets, logits).where(weight, 0).sum() : counted.sum();
  return { losses: onTarget.mul(1 - labelSmoothing).add(spread), total };
}

/** −Σ_c w_c·p_c·ln softmax(x)_c with p smoothed to (1 − ε)·p + ε/C. As in PyTorch, the mean divides by rows, not by weights. */
function ofProbabilities(
  logits: Tensor,
  targets: Tensor,
  { weight, ignoreIndex, labelSmoothing = 0, reduction = "mean" }: CrossEntropyOptions,
): Tensor {
  if (logits.rank < 2)
    throw new ShapeError(
      `crossEntropy: logits ${show(logits.shape)} with probabilities as targets — logits are [N, C, …]`,
    );
  if (ignoreIndex !== undefined)
    throw new RangeError(
      `crossEntropy: ignoreIndex = ${ignoreIndex} with probabilities ${show(targets.shape)} as targets — only class indices have one to ignore`,
    );
  checkOptions(logits, weight, labelSmoothing);
  requireShares(targets);
  const C = logits.shape[1];
  const given = asRows(targets);
  const p = labelSmoothing === 0 ? given : given.mul(1 - labelSmoothing).add(labelSmoothing / C);
  const surprise = logSoftmax(asRows(logits.asFloat())).neg();
  const never = p.eq(0).logicalAnd(surprise.eq(Infinity)); // a class that is masked out and never asked for
  const scaled = never.where(0, surprise).mul(p);
  const losses = (weight ? scaled.mul(weight) : scaled).sum(1);
  return reduceLoss("crossEntropy", losses.reshape(logits.shape.toSpliced(1, 1)), reduction);
}

/** They need not add up to 1: weights may be in them. */
function requireShares(targets: Tensor): void {
  const shares = unobserved(() => targets.data);
  const wrong = shares.findIndex((p: number) => !(p >= 0 && p < Infinity));
  if (wrong < 0) return;
  throw new RangeError(
    `crossEntropy: targets must be probabilities, got ${shares[wrong]} at element ${wrong} of ${show(targets.shape)}`,
  );
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
