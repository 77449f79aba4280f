import { checked, ShapeError, show } from "../00-runtime/index.ts";
import {
  broadcastsTo,
  checking,
  Function,
  float,
  type Gradient,
  isTensor,
  node,
  type OnnxOperand,
  type Tensor,
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

/** Options of `bce`. */
export interface BCEOptions extends LossOptions {
  /** What every element's loss counts: a number, or a tensor that broadcasts to the predictions. The mean divides by elements. */
  readonly weight?: Tensor | number;
}

/**
 * How surprised a model is by yes-or-no answers, from probabilities, in nats.
 *
 *   loss = mean −weight·(y·ln p + (1 − y)·ln(1 − p))
 *
 * From scores, `bceWithLogits` is exact where p rounds to 0 or 1; here a surprise counts as 100 nats at most.
 *
 * Shapes    p and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  p: (p − y)/(p·(1 − p))/n
 * Throws    ShapeError if the shapes differ; RangeError for probabilities or targets outside of [0, 1]
 */
export function bce(p: Tensor, y: Tensor, options: BCEOptions = {}): Tensor {
  const { weight, reduction = "mean" } = checked("bce", options, ["reduction", "weight"]);
  requireSameShape("bce", p, y);
  requireProbabilities("bce", "predictions", p, "from raw scores use bceWithLogits");
  requireProbabilities("bce", "targets", y, "labels −1 and 1 become 0 and 1 by y.add(1).div(2)");
  if (weight !== undefined) requireWeight("bce", { weight }, "predictions", p);
  const floats = single(p).asFloat();
  const losses = new BinaryCrossEntropy().apply(floats, y.to(floats.dtype));
  return reduceLoss("bce", weight === undefined ? losses : losses.mul(weight), reduction);
}

/** Options of `bceWithLogits`. */
export interface BCEWithLogitsOptions extends BCEOptions {
  /** How much a missed yes weighs against a missed no: a number, or one per class that broadcasts to the scores. */
  readonly posWeight?: Tensor | number;
}

// exercise: losses-bce-logits
/**
 * How surprised a model is by yes-or-no answers, from scores, in nats.
 *
 *   loss = mean weight·(posWeight·y·s(−x) + (1 − y)·s(x)), s(x) = ln(1 + eˣ) = −ln σ(−x)
 *
 * Both terms are positive, so nothing cancels, and softplus cannot overflow: exact from −∞ to ∞, both excluded.
 *
 * Shapes    x and y of one shape → a scalar; that shape with reduction "none"
 * Gradient  x: (σ(x) − y)/n without a weight
 * Throws    ShapeError if shapes differ or a weight does not broadcast; RangeError for targets outside of [0, 1]
 */
export function bceWithLogits(x: Tensor, y: Tensor, options: BCEWithLogitsOptions = {}): Tensor {
  const names = ["reduction", "weight", "posWeight"] as const;
  const { weight, posWeight, reduction = "mean" } = checked("bceWithLogits", options, names);
  requireSameShape("bceWithLogits", x, y);
  requireProbabilities("bceWithLogits", "targets", y, "labels −1 and 1 become 0 and 1 by y.add(1).div(2)");
  for (const [name, given] of Object.entries({ weight, posWeight }))
    if (given !== undefined) requireWeight("bceWithLogits", { [name]: given }, "scores", x);
  [x, y] = [single(x), single(y)];
  const exact = { threshold: Infinity };
  const missedYes = y.mul(softplus(x.neg(), exact));
  const missedNo = y.neg().add(1).mul(softplus(x, exact));
  const losses = missedNo.add(posWeight === undefined ? missedYes : missedYes.mul(posWeight));
  return reduceLoss("bceWithLogits", weight === undefined ? losses : losses.mul(weight), reduction);
}

/** `given` is the weight by its name, `what` what x holds. */
function requireWeight(
  call: string,
  given: Readonly<Record<string, Tensor | number>>,
  what: string,
  x: Tensor,
): void {
  const [[name, weight]] = Object.entries(given);
  if (isTensor(weight) && !broadcastsTo(weight.shape, x.shape)) {
    throw new ShapeError(
      `${call}: ${name} ${show(weight.shape)} for ${what} ${show(x.shape)} — it must broadcast to them: one weight per class`,
    );
  }
  const requireFinite = (weights: ArrayLike<number>): void => {
    const wrong = Array.from(weights).find((w) => !(w >= 0 && w < Infinity));
    if (wrong !== undefined) throw new RangeError(`${call}: ${name} = ${wrong} — a finite number, 0 or more`);
  };
  if (isTensor(weight)) checking([weight], ({ data }) => requireFinite(data));
  else requireFinite([weight]);
}

/** `bce` as an object. */
export class BCELoss extends Loss<BCEOptions> {
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
