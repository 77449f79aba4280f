import { defaultRandom, type Random } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { checkOperands } from "./checks.ts";
import { composedAttention } from "./composed.ts";

export interface AttentionOptions {
  /** bool, true where a query may see a key; or numbers that are added to the scores. Broadcasts to [..., H, T, S]. */
  readonly mask?: Tensor | null;
  /** No query sees keys after its own position; the last query stands at the last key. */
  readonly causal?: boolean;
  /** Factor of the scores; 1/√D unless given. */
  readonly scale?: number;
  /** Silences weights with this probability, and scales the others. */
  readonly dropoutP?: number;
  readonly random?: Random;
}

/**
 * For each query the average of the values, weighted by how well their keys fit.
 *
 *   y = softmax(scale·q·kᵀ + mask)·v
 *
 * Shapes    q [..., H, T, D], k [..., Hk, S, D], v [..., Hk, S, E] → y [..., H, T, E]; H a multiple of Hk. H/Hk query heads in
 *           a row share a key head: 1 key head is multi-query attention. [T, D] is one head
 * Blind     a query that may see no key gets 0
 * Throws    ShapeError for operands or a mask that do not fit; TypeError for other dtypes
 * ONNX      MatMul, Softmax, MatMul
 * Source    Vaswani et al. 2017, Attention is all you need
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  {
    mask = null,
    causal = false,
    scale = 1 / Math.sqrt(Math.max(1, q.shape.at(-1) ?? 1)),
    dropoutP = 0,
    random = defaultRandom,
  }: AttentionOptions = {},
): Tensor {
  checkOperands(q, k, v, { mask, causal, dropoutP, scale });
  return composedAttention(q, k, v, { mask, causal, scale }, dropoutP, random);
}
