import { show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import type { Batch } from "./batches.ts";

/** Says where a loss that is no longer finite comes from: the batch, or a parameter. */
export function diverged(
  model: Module,
  { x, y }: Batch,
  loss: number,
  at: { readonly step: number; readonly epoch: number },
): RangeError {
  const finite = (tensor: Tensor): boolean => !tensor.isFloat || tensor.data.every(Number.isFinite);
  const data = Object.entries({ x, y }).find(([, tensor]) => !finite(tensor));
  const weight = model.namedParameters().find(([, parameter]) => !finite(parameter));
  const [where, remedy] = data
    ? [`the batch's ${data[0]} ${show(data[1].shape)} is not finite`, "look for NaN in the data"]
    : weight
      ? [
          `parameter ${weight[0]} ${show(weight[1].shape)} is not finite`,
          "lower the learning rate or clip the gradients",
        ]
      : ["batch and parameters are finite", "lower the learning rate, or scale the data down"];
  return new RangeError(
    `trainEpoch: the loss is ${loss} at step ${at.step} (epoch ${at.epoch}): ${where} — training stops before such a ` +
      `step changes the weights; ${remedy}`,
  );
}
