import { can, checked, expectArgument } from "../00-runtime/index.ts";
import { cat, expectTensor, type Tensor } from "../01-tensor/index.ts";
import { bandMask, scaledDotProductAttention } from "../12-attention/index.ts";
import type { KVCache } from "./cache.ts";

/**
 * Attention of new positions to themselves and to all that a layer of the cache keeps; their keys and values are kept, too.
 *
 *   cache.update(layer, k, v);  y = attention(q, keys, values), causal, at most maxSeqLen positions a query
 *
 * Shapes    q [B, heads, T, headDim], k and v [B, numKvHeads, T, headDim] → [B, heads, T, headDim]
 * Cost      4·T·S·headDim flops a head for S positions kept; without a cache all earlier queries would be computed again
 * Throws    ShapeError if keys or values are not what the cache holds
 */
// exercise: kv-cache-attention
export function attentionWithCache(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  cache: KVCache,
  layer: number,
  options: { readonly scale?: number } = {},
): Tensor {
  const { scale } = checked("attentionWithCache", options, ["scale"]);
  for (const [name, x] of Object.entries({ q, k, v })) expectTensor("attentionWithCache", x, name);
  expectArgument(can(cache, "seen", "update"), "attentionWithCache", "cache", cache, "a KVCache");
  const factor = scale === undefined ? {} : { scale };
  const count = k.shape[2];
  const before = cache.seen(layer);
  if (count === 1) {
    cache.update(layer, k, v);
    const all = cache.unordered(layer);
    return scaledDotProductAttention(q, all.k, all.v, factor);
  }
  if (before + count <= cache.maxSeqLen) {
    cache.update(layer, k, v);
    const all = cache.get(layer);
    return scaledDotProductAttention(q, all.k, all.v, { causal: true, ...factor });
  }
  // Keys that leave the window while these positions are read are still seen by the first of them.
  const old = before === 0 ? null : cache.get(layer);
  const keys = old ? cat([old.k, k], 2) : k;
  const values = old ? cat([old.v, v], 2) : v;
  const mask = bandMask(count, keys.shape[2], cache.maxSeqLen);
  const y = scaledDotProductAttention(q, keys, values, { mask, ...factor });
  cache.update(layer, k, v);
  return y;
}
