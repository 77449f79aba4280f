import type { Tensor } from "../01-tensor/index.ts";

/** How one loss per element (or row) becomes one number: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

export function reduceLoss(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}
