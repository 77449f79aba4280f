import { defaultRandom, type Random } from "../00-runtime/index.ts";
import type { Gradient, Tensor } from "../01-tensor/index.ts";
import { softmax } from "../02-activations/index.ts";
import { dropoutMask } from "../03-layers/index.ts";
import { causalMask } from "./mask.ts";

// Attention in other operations' words. It holds all T·S weights at once; the fused kernel never does. This form is what
// gradients of gradients, dropout on weights, and pictures of the weights are made of.

export interface Scoring {
  readonly mask: Tensor | null;
  readonly causal: boolean;
  readonly scale: number;
}

/**
 * How much of each key's value goes to each query: softmax(scale·q·kᵀ + mask). A query that may see nothing has weights of 0.
 *
 * Shapes    q [..., H, T, D], k [..., Hk, S, D] → [..., H, T, S]
 */
// exercise: attention-weights
export function weightsOf(q: Tensor, k: Tensor, { mask, causal, scale }: Scoring): Tensor {
  const scores = perGroup(q, k.shape, (q) => q.mul(scale).matmul(grouped(k, q).transpose(-2, -1)));
  const [queries, keys] = scores.shape.slice(-2);
  const visible = causal ? causalMask(queries, keys).where(scores, -Infinity) : scores;
  if (mask === null) return softmax(visible);
  const masked = mask.dtype === "bool" ? mask.where(visible, -Infinity) : visible.add(mask);
  const blind = masked.detach().amax(-1, { keepDim: true }).eq(-Infinity);
  return blind.where(0, softmax(blind.where(0, masked)));
}

/** Values averaged by these weights: [..., H, T, S] and v [..., Hk, S, E] → [..., H, T, E]. */
export const averaged = (weights: Tensor, v: Tensor): Tensor =>
  perGroup(weights, v.shape, (w) => w.matmul(grouped(v, w)));

export function composedAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  scoring: Scoring,
  dropoutP = 0,
  random: Random = defaultRandom,
): Tensor {
  const weights = weightsOf(q, k, scoring);
  return averaged(dropoutP === 0 ? weights : weights.mul(dropoutMask(weights, dropoutP, random)), v);
}

/** Runs `f` on x [..., H, T, D], with the heads that share a key head apart: [..., Hk, H/Hk, T, D]. */
function perGroup(x: Tensor, keys: readonly number[], f: (x: Tensor) => Tensor): Tensor {
  const [heads, keyHeads] = [x.shape.at(-3) ?? 1, keys.at(-3) ?? 1];
  if (heads === keyHeads) return f(x);
  const lead = x.shape.slice(0, -3);
  const y = f(x.reshape([...lead, keyHeads, heads / keyHeads, ...x.shape.slice(-2)]));
  return y.reshape([...lead, heads, ...y.shape.slice(-2)]);
}

/** Keys or values beside queries in groups: [..., Hk, 1, S, D]. */
const grouped = (x: Tensor, queries: Tensor): Tensor => (queries.rank === x.rank ? x : x.unsqueeze(-3));

/** The gradients of q, k and v, in operations that have gradients themselves. */
// exercise: attention-gradients
export function composedGradients(q: Tensor, k: Tensor, v: Tensor, g: Tensor, scoring: Scoring): Gradient[] {
  const p = weightsOf(q, k, scoring); // [..., H, T, S]
  const dp = perGroup(g, v.shape, (g) => g.matmul(grouped(v, g).transpose(-2, -1)));
  const ds = p.mul(dp.sub(p.mul(dp).sum(-1, { keepDim: true }))).mul(scoring.scale);
  return [() => averaged(ds, k), () => gathered(ds, q, k), () => gathered(p, g, v)];
}

/** Σ over the queries, and over the heads that share a key head: weights [..., H, T, S] and x [..., H, T, D] → like keys. */
function gathered(weights: Tensor, x: Tensor, keys: Tensor): Tensor {
  const heads = weights.shape.at(-3) ?? 1;
  const columns = weights.transpose(-2, -1).matmul(x); // [..., H, S, D]
  if (heads === (keys.shape.at(-3) ?? 1)) return columns;
  const [lead, keyHeads] = [keys.shape.slice(0, -3), keys.shape.at(-3) as number];
  return columns.reshape([...lead, keyHeads, heads / keyHeads, ...columns.shape.slice(-2)]).sum(-3);
}
