import { ShapeError, show } from "../00-runtime/index.ts";
import {
  broadcastsTo,
  Function,
  float,
  type Gradient,
  isTensor,
  node,
  type OnnxOperand,
  type Tensor,
  unobserved,
} from "../01-tensor/index.ts";
import { softplus } from "../02-activations/index.ts";
import { Loss } from "./loss.ts";
import { type LossOptions, reduceLoss, requireProbabilities, requireSameShape, single } from "./reduction.ts";

/** No surprise is counted as more nats than this: ln 0 would be −∞, and 0·∞ not a number. */
const MOST = 100;

const surprise = (log: Tensor): Tensor => log.neg().clamp(-Infinity, MOST);

/**
 * Surprise per element, from probabilities.
 *
 *   loss = y·min(−ln p, 100) + (1 − y)·min(−ln(1 − p), 100)
 *
 * Gradient  p: g·(p − y)/max(p·(1 − p), 1e-12); y: g·(ln(1 − p) − ln p), each logarithm from −100
 * Source    PyTorch's BCELoss, bounds included
 */
export class BinaryCrossEntropy extends Function {
  #p!: Tensor;
  #y!: Tensor;
  forward(p: Tensor, y: Tensor): Tensor {
    [this.#p, this.#y] = [p, y];
    return y.mul(surprise(p.log())).add(y.neg().add(1).mul(surprise(p.neg().log1p())));
  }
  backward(g: Tensor): Gradient[] {
    const [p, y] = [this.#p, this.#y];
    const spread = () => p.mul(p.neg().add(1)).clamp(1e-12);
    return [
      () => g.mul(p.sub(y)).div(spread()),
      () => g.mul(surprise(p.log()).sub(surprise(p.neg().log1p()))),
    ];
  }
  override onnx() {
    const minus = (x: OnnxOperand) => node("Sub", {}, [float(1), x]);
    const nats = (x: OnnxOperand) => node("Min", {}, [node("Neg", {}, [node("Log", {}, [x])]), float(MOST)]);
    const asOne = node("Mul", {}, [1, nats(0)]);
    return node("Add", {}, [asOne, node("Mul", {}, [minus(1), nats(minus(0))])]);
  }
}

/**
 * How surprised a model is by yes-or-no answers, from probabilities, in nats.
 *
 *   loss = mean −(y·ln p + (1 − y)·ln(1 − p))
 *
 * From scores, `bceWithLogits` is exact where p rounds to 0 or 1; here a surprise counts as 100 nats at most.
 *
 * Shapes    p and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  p: (p − y)/(p·(1 − p))/n
 * Throws    ShapeError if the shapes differ; RangeError for probabilities or targets outside of [0, 1]
 */
export function bce(p: Tensor, y: Tensor, { reduction = "mean" }: LossOptions = {}): Tensor {
  requireSameShape("bce", p, y);
  requireProbabilities("bce", "predictions", p, "from raw scores use bceWithLogits");
  requireProbabilities("bce", "targets", y, "labels −1 and 1 become 0 and 1 by y.add(1).div(2)");
  const floats = single(p).asFloat();
  return reduceLoss("bce", new BinaryCrossEntropy().apply(floats, y.to(floats.dtype)), reduction);
}

export interface BCEWithLogitsOptions extends LossOptions {
  /** How much a missed yes weighs against a missed no: a number, or one per class that broadcasts to the scores. */
  readonly posWeight?: Tensor | number;
}

/**
 * How surprised a model is by yes-or-no answers, from scores, in nats.
 *
 *   loss = mean w·y·s(−x) + (1 − y)·s(x), s(x) = ln(1 + eˣ) = −ln σ(−x)
 *
 * Both terms are positive, so nothing cancels, and softplus cannot overflow: exact from −∞ to ∞, both excluded.
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: (σ(x) − y)/n without a weight
 * Throws    ShapeError if shapes differ or posWeight does not broadcast; RangeError for targets outside of [0, 1]
 */
export function bceWithLogits(
  x: Tensor,
  y: Tensor,
  { posWeight, reduction = "mean" }: BCEWithLogitsOptions = {},
): Tensor {
  requireSameShape("bceWithLogits", x, y);
  requireProbabilities("bceWithLogits", "targets", y, "labels −1 and 1 become 0 and 1 by y.add(1).div(2)");
  if (posWeight !== undefined) requireWeight(posWeight, x);
  [x, y] = [single(x), single(y)];
  const exact = { threshold: Infinity };
  const missedYes = y.mul(softplus(x.neg(), exact));
  const missedNo = y.neg().add(1).mul(softplus(x, exact));
  const losses = missedNo.add(posWeight === undefined ? missedYes : missedYes.mul(posWeight));
  return reduceLoss("bceWithLogits", losses, reduction);
}

function requireWeight(weight: Tensor | number, x: Tensor): void {
  if (isTensor(weight) && !broadcastsTo(weight.shape, x.shape)) {
    throw new ShapeError(
      `bceWithLogits: posWeight ${show(weight.shape)} for scores ${show(x.shape)} — it must broadcast to them: one weight per class`,
    );
  }
  const wrong = (isTensor(weight) ? Array.from(unobserved(() => weight.data)) : [weight]).find(
    (w) => !(w >= 0 && w < Infinity),
  );
  if (wrong !== undefined)
    throw new RangeError(`bceWithLogits: posWeight = ${wrong} — a finite number, 0 or more`);
}

/** `bce` as an object. */
export class BCELoss extends Loss<LossOptions> {
  forward(p: Tensor, y: Tensor): Tensor {
    return bce(p, y, this.options);
  }
}

/** `bceWithLogits` as an object. */
export class BCEWithLogitsLoss extends Loss<BCEWithLogitsOptions> {
  forward(x: Tensor, y: Tensor): Tensor {
    return bceWithLogits(x, y, this.options);
  }
}
