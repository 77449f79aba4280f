import { checked } from "../../../00-runtime/index.ts";
import { isTensor, type Other, scalar } from "../../operands.ts";
import { normalDim } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { where } from "./compare.ts";

/**
 * x + weight·(end − x): x at 0, `end` at 1, on the way between. Both ends are met exactly, as in PyTorch: from the nearer one.
 */
export function lerp(x: Tensor, end: Other, weight: Other): Tensor {
  const from = x.asFloat();
  const to = operand("lerp", end, from).asFloat();
  const way = to.sub(from);
  const fromStart = () => from.add(way.mul(weight));
  const fromEnd = (left: Other) => to.sub(way.mul(left));
  if (typeof weight === "number") return Math.abs(weight) < 0.5 ? fromStart() : fromEnd(1 - weight);
  const share = operand("lerp", weight, from);
  return where(share.abs().lt(0.5), fromStart(), fromEnd(share.neg().add(1)));
}

const operand = (call: string, value: Other, like: Tensor): Tensor =>
  isTensor(value) ? value : scalar(value, like, call);

/** x + value·a·b, all broadcast. */
export function addcmul(x: Tensor, a: Other, b: Other, options: { readonly value?: number }): Tensor {
  const { value = 1 } = checked("addcmul", options, ["value"]);
  const product = operand("addcmul", a, x).mul(operand("addcmul", b, x));
  return x.add(value === 1 ? product : product.mul(value));
}

export interface NormalizeOptions {
  /** The order of the norm. */
  readonly p?: number;
  readonly dim?: number;
  /** What is divided by at least. */
  readonly eps?: number;
}

/** x/max(‖x‖ₚ, eps): vectors along a dim made of length 1. One of zeros stays, with the slope 1/eps. */
export function normalize(x: Tensor, options: NormalizeOptions): Tensor {
  const { p = 2, dim = 1, eps = 1e-12 } = checked("normalize", options, ["p", "dim", "eps"]);
  const d = normalDim("normalize", dim, x.shape);
  if (!(eps >= 0)) throw new RangeError(`normalize: eps = ${eps} — a number, 0 or more`);
  const floats = x.asFloat();
  return floats.div(floats.norm(d, { p, keepDim: true }).clamp(eps));
}
