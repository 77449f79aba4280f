import { checked } from "../../../00-runtime/index.ts";
import { inFloat32 } from "../../halves.ts";
import { normalDims } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { Amax, Amin, extreme } from "./extreme.ts";

type Dims = number | readonly number[] | undefined;

export interface NormOptions {
  readonly keepDim?: boolean;
  /** 2 is the length of a vector, 1 the sum of sizes, Infinity the largest, 0 the number of elements that are not 0. */
  readonly p?: number;
}

/**
 * ‖x‖ₚ = (Σ |x|ᵖ)^(1/p) over the given dims, or over all. At x = 0, where it has a kink, the gradient is 0.
 *
 * Source    PyTorch's torch.linalg.vector_norm
 */
export function norm(x: Tensor, dim: Dims, options: NormOptions): Tensor {
  const { p = 2, keepDim = false } = checked("norm", options, ["keepDim", "p"]);
  if (typeof p !== "number" || Number.isNaN(p)) {
    throw new TypeError(`norm: p = ${String(p)} — the order of a norm is a number, Infinity included`);
  }
  return inFloat32(x, (x) => normOf(x, normalDims("norm", dim, x.shape), { keepDim }, p));
}

function normOf(x: Tensor, dims: readonly number[], keep: { readonly keepDim: boolean }, p: number): Tensor {
  if (p === 2) return root(x.asFloat().square().sum(dims, keep), 2);
  const size = x.asFloat().abs();
  if (p === Infinity) return extreme("norm", Amax, size, dims, keep);
  if (p === -Infinity) return extreme("norm", Amin, size, dims, keep);
  if (p === 0) return size.ne(0).to(size.dtype).sum(dims, keep);
  if (p === 1) return size.sum(dims, keep);
  return root(power(size, p).sum(dims, keep), p);
}

/** x^(1/p) for x ≥ 0. The slope at 0, ∞ for p > 1, is taken to be 0: it meets a slope of 0 from inside. */
export function root(x: Tensor, p: number): Tensor {
  const zero = x.eq(0);
  const safe = zero.where(1, x);
  return zero.where(p > 0 ? 0 : Infinity, p === 2 ? safe.sqrt() : safe.pow(1 / p));
}

/** x^p for x ≥ 0, with slope 0 at 0. */
function power(x: Tensor, p: number): Tensor {
  const zero = x.eq(0);
  return zero.where(p > 0 ? 0 : Infinity, zero.where(1, x).pow(p));
}
