import { Random } from "../../00-runtime/index.ts";
import { type Tensor, withRecording } from "../../01-tensor/index.ts";
import { expectModule, isPlain, type Layer, type Module, Sequential } from "../../03-layers/index.ts";
import { Conv2d } from "../convolution/conv-layers.ts";
import { BatchNorm2d } from "./batch-norm-layers.ts";

/**
 * One convolution that does the work of two layers in evaluation: `norm(conv(x))`.
 *
 *   weight′ = weight·s per filter, bias′ = (bias − mean)·s + β, with s = γ/√(variance + ε)
 *
 * Numbers agree up to rounding. Both layers stay as they are. null: the norm keeps no statistics, it looks at every batch.
 */
function folded(conv: Conv2d, norm: BatchNorm2d): Conv2d | null {
  const { runningMean, runningVar, weight, bias, eps } = norm;
  if (!runningMean || !runningVar) return null;
  const [outputs, , ...kernel] = conv.weight.shape;
  const inputs = conv.weight.shape[1] * conv.options.groups;
  const options = { ...conv.options, paddingMode: conv.paddingMode, random: new Random(0) };
  const result = new Conv2d(inputs, outputs, kernel as [number, number], options).to(conv.weight.dtype);
  withRecording("off", () => {
    const scale = scaled(runningVar.add(eps).rsqrt(), weight);
    const shift = conv.bias ? conv.bias.sub(runningMean) : runningMean.neg();
    result.weight.assign(conv.weight.mul(scale.reshape(outputs, 1, 1, 1)));
    result.bias?.assign(bias ? shift.mul(scale).add(bias) : shift.mul(scale));
  });
  return result;
}

const scaled = (x: Tensor, weight: Tensor | null): Tensor => (weight ? x.mul(weight) : x);

/**
 * Puts every batch norm that stands behind a convolution in a Sequential into its filters: one pass over memory less
 * for each. The model changes, and is good for evaluation alone; its layers are numbered anew. For one to train on, keep
 * a checkpoint.
 *
 * Returns   how many norms are gone
 * Throws    TypeError for a model in training: there, a norm depends on the batch
 */
export function foldBatchNorm(model: Module): number {
  expectModule("foldBatchNorm", model);
  if (model.training)
    throw new TypeError(
      "foldBatchNorm: a model in training — there, a norm depends on the batch; call model.eval() first",
    );
  let count = 0;
  for (const [, module] of model.modules()) {
    if (!(module instanceof Sequential)) continue;
    const layers: Layer[] = [];
    for (const layer of module.layers) {
      const before = layers[layers.length - 1];
      const one = isPlain(layer, BatchNorm2d) && isPlain(before, Conv2d) ? folded(before, layer) : null;
      if (one) layers[layers.length - 1] = one.eval();
      else layers.push(layer);
      if (one) count++;
    }
    Object.assign(module, { layers });
  }
  return count;
}
