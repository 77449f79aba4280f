import { defaultRandom } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Dropout, Module } from "../03-layers/index.ts";
import { FeedForward, type FeedForwardOptions } from "./feed-forward.ts";
import { LayerNorm } from "./layer-norm.ts";
import type { LayerPast } from "./past.ts";
import { RMSNorm } from "./rms-norm.ts";
import { SelfAttention, type SelfAttentionOptions } from "./self-attention.ts";

export interface TransformerBlockOptions extends SelfAttentionOptions, FeedForwardOptions {
  /** How many times as many numbers as embedDim there are between the two lines. */
  readonly mlpRatio?: number;
  readonly norm?: "layer" | "rms";
  /** Added to the variance of a row before its root; null takes the norm's own, 1e-5 or 1e-6. */
  readonly normEps?: number | null;
  /** Of what both branches add. */
  readonly dropout?: number;
}

/** What keeps the numbers in range. */
export function normOf(
  norm: "layer" | "rms",
  embedDim: number,
  bias: boolean,
  eps: number | null,
): LayerNorm | RMSNorm {
  const options = eps === null ? {} : { eps };
  return norm === "rms" ? new RMSNorm(embedDim, options) : new LayerNorm(embedDim, { bias, ...options });
}

/**
 * Positions exchange what they know; then each thinks about it.
 *
 *   x += attention(norm(x));  x += mlp(norm(x))
 *
 * Shapes    x [B, T, embedDim] → the same
 * Source    Vaswani et al. 2017; Xiong et al. 2020, On layer normalization in the transformer architecture (norm first)
 */
export class TransformerBlock extends Module {
  readonly attentionNorm: LayerNorm | RMSNorm;
  readonly attention: SelfAttention;
  readonly mlpNorm: LayerNorm | RMSNorm;
  readonly mlp: FeedForward;
  readonly dropout: Dropout;

  constructor(
    embedDim: number,
    numHeads: number,
    {
      mlpRatio = 4,
      norm = "layer",
      normEps = null,
      bias = true,
      dropout = 0,
      activation = "gelu",
      numKvHeads = numHeads,
      rotary = null,
      qkNorm = false,
      random = defaultRandom,
    }: TransformerBlockOptions = {},
  ) {
    super();
    this.attentionNorm = normOf(norm, embedDim, bias, normEps);
    this.attention = new SelfAttention(embedDim, numHeads, { numKvHeads, rotary, qkNorm, bias, random });
    this.mlpNorm = normOf(norm, embedDim, bias, normEps);
    this.mlp = new FeedForward(embedDim, Math.round(mlpRatio * embedDim), { activation, bias, random });
    this.dropout = new Dropout(dropout, { random });
  }

  override forward(x: Tensor): Tensor {
    return this.after(null, x);
  }

  /** As `forward`, for positions that come after others, which a cache remembers. */
  after(past: LayerPast | null, x: Tensor): Tensor {
    const seen = x.add(this.dropout.forward(this.attention.after(past, this.attentionNorm.forward(x))));
    return seen.add(this.dropout.forward(this.mlp.forward(this.mlpNorm.forward(seen))));
  }
}
