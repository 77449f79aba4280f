import type { Tensor } from "../../../01-tensor/index.ts";
import { logSoftmax } from "../../../02-activations/index.ts";
import { int, text } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { floatOf, tensorOf, type Value } from "../values.ts";

interface LossAttributes {
  readonly ignore_index: number | undefined;
  readonly reduction: string;
}

/** What class each element is of: x is [N, C, d…], the targets [N, d…]. */
function negativeLogLikelihood(x: Tensor, targets: Value, weights: Value, a: LossAttributes): Tensor {
  const given = tensorOf(targets).to("int32");
  const ignored = a.ignore_index === undefined ? null : given.eq(a.ignore_index);
  const classes = ignored ? ignored.where(given.mul(0), given) : given;
  const loss = x.gather(1, classes.unsqueeze(1)).squeeze(1).neg(); // [N, d…]
  const weight = weights
    ? floatOf(weights, x)
        .indexSelect(0, classes.reshape([classes.size]))
        .reshape(classes.shape)
    : loss.detach().mul(0).add(1);
  const counted = ignored ? ignored.where(0, weight) : weight;
  const weighted = loss.mul(counted);
  if (a.reduction === "none") return weighted;
  const sum = weighted.sum();
  if (a.reduction === "sum") return sum;
  if (a.reduction === "mean") return sum.div(counted.sum());
  throw new TypeError(`reduction "${a.reduction}" — known are none, sum, mean`);
}

const attributes = { ignore_index: int(), reduction: text("mean") };

/** Losses over classes. */
export const losses: Family = {
  NegativeLogLikelihoodLoss: [
    op(12, "input target weight?=", attributes, ([x, target, weight], a) =>
      negativeLogLikelihood(floatOf(x), target, weight, a),
    ),
  ],
  SoftmaxCrossEntropyLoss: [
    op(12, "scores labels weights?=", attributes, ([x, labels, weights], a) => {
      const logarithms = logSoftmax(floatOf(x), 1);
      return [negativeLogLikelihood(logarithms, labels, weights, a), logarithms];
    }),
  ],
};
