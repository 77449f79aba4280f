import { cat, type Tensor } from "../../../01-tensor/index.ts";
import { softmax } from "../../../02-activations/index.ts";
import { float, int } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { floatOf, tensorOf, type Value } from "../values.ts";

interface AttentionAttributes {
  readonly is_causal: number;
  readonly q_num_heads: number | undefined;
  readonly kv_num_heads: number | undefined;
  readonly qk_matmul_output_mode: number;
  readonly scale: number | undefined;
  readonly softcap: number;
}

/** [B, T, heads·d] → [B, heads, T, d]; four dims are that already. */
function byHeads(x: Tensor, heads: number | undefined): Tensor {
  if (x.rank === 4) return x;
  if (heads === undefined)
    throw new TypeError("three dims without a number of heads — q_num_heads and kv_num_heads say it");
  const [B, T, width] = x.shape;
  return x.reshape([B, T, heads, width / heads]).transpose(1, 2);
}

/** Every key head serves as many query heads. */
function repeated(x: Tensor, heads: number): Tensor {
  const [B, own, T, d] = x.shape;
  if (own === heads) return x;
  return x
    .unsqueeze(2)
    .expand([B, own, heads / own, T, d])
    .reshape([B, heads, T, d]);
}

/** What is added to the scores [..., T, S]: −∞ where a query must not look. */
function masked(scores: Tensor, mask: Value | undefined, causal: number, past: number): Tensor {
  const [T, S] = scores.shape.slice(-2);
  let y = scores;
  if (causal) {
    const allowed = Uint8Array.from({ length: T * S }, (_, i) => Number(i % S <= Math.floor(i / S) + past));
    y = y.newFrom(allowed, [T, S], "bool").where(y, -Infinity);
  }
  if (!mask) return y;
  const given = tensorOf(mask, y);
  return given.dtype === "bool" ? given.where(y, -Infinity) : y.add(given);
}

function attention([q, k, v, mask, pastK, pastV]: readonly Value[], a: AttentionAttributes): Tensor[] {
  const first = floatOf(q);
  const Q = byHeads(first, a.q_num_heads); // [B, H, T, d]
  const [newK, newV] = [k, v].map((value) => byHeads(floatOf(value, first), a.kv_num_heads));
  const keys = pastK ? cat([floatOf(pastK, first), newK], 2) : newK;
  const values = pastV ? cat([floatOf(pastV, first), newV], 2) : newV;
  const [heads, d] = [Q.shape[1], Q.shape[3]];
  const products = Q.matmul(repeated(keys, heads).transpose(-2, -1)).mul(a.scale ?? 1 / Math.sqrt(d));
  const biased = masked(products, mask, a.is_causal, keys.shape[2] - newK.shape[2]);
  const capped = a.softcap > 0 ? biased.div(a.softcap).tanh().mul(a.softcap) : biased;
  const shares = softmax(capped, -1);
  const y = shares.matmul(repeated(values, heads)); // [B, H, T, dᵥ]
  const [B, , T] = Q.shape;
  const joined = first.rank === 4 ? y : y.transpose(1, 2).reshape([B, T, heads * y.shape[3]]);
  return [joined, keys, values, [products, biased, capped, shares][a.qk_matmul_output_mode]];
}

/** Attention as one operator. */
export const attending: Family = {
  Attention: [
    op(
      23,
      "Q K V attn_mask? past_key? past_value?",
      {
        is_causal: int(0),
        kv_num_heads: int(),
        q_num_heads: int(),
        qk_matmul_output_mode: int(0),
        scale: float(),
        softcap: float(0),
        softmax_precision: int(),
      },
      (x, a) => attention(x, a),
    ),
  ],
};
