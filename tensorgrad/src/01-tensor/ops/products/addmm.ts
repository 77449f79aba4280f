import { checked, ShapeError, show } from "../../../00-runtime/index.ts";
import { isTensor } from "../../operands.ts";
import { broadcastsTo } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { matmul } from "./matmul.ts";

export interface AddmmOptions {
  /** What x counts; with 0 it is not looked at. */
  readonly beta?: number;
  /** What the product counts. */
  readonly alpha?: number;
}

/** beta·x + alpha·(a · b) of matrices [M, K] · [K, N]; x broadcasts to [M, N]. */
export function addmm(x: Tensor, a: Tensor, b: Tensor, options: AddmmOptions): Tensor {
  const { beta = 1, alpha = 1 } = checked("addmm", options, ["beta", "alpha"]);
  for (const [name, factor] of Object.entries({ a, b }))
    if (!isTensor(factor))
      throw new TypeError(`addmm: ${name} is of type ${typeof factor} — two matrices, a tensor each`);
  const shape = [a.shape[0], b.shape[1]];
  if (a.rank !== 2 || b.rank !== 2 || a.shape[1] !== b.shape[0] || !broadcastsTo(x.shape, shape))
    throw new ShapeError(
      `addmm: ${show(x.shape)} + ${show(a.shape)} · ${show(b.shape)} — two matrices [M, K] and [K, N], and what broadcasts to [M, N]`,
    );
  const product = matmul(a, b);
  const scaled = alpha === 1 ? product : product.mul(alpha);
  if (beta === 0) return scaled;
  return scaled.add(beta === 1 ? x : x.mul(beta));
}
