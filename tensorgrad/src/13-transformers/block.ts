import { checked, defaultRandom } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Dropout, Module } from "../03-layers/index.ts";
import { FeedForward, type FeedForwardOptions } from "./feed-forward.ts";
import { LayerNorm } from "./layer-norm.ts";
import type { LayerPast } from "./past.ts";
import { RMSNorm } from "./rms-norm.ts";
import { SelfAttention, type SelfAttentionOptions } from "./self-attention.ts";

export interface TransformerBlockOptions extends Omit<SelfAttentionOptions, "dropout">, FeedForwardOptions {
  /** How many times as many numbers as embedDim there are between the two lines. */
  readonly mlpRatio?: number;
  readonly norm?: "layer" | "rms";
  /** Added to the variance of a row before its root; null takes the norm's own, 1e-5 or 1e-6. */
  readonly normEps?: number | null;
  /** Whether a norm stands at the start of each branch; false: behind each sum, as in 2017. */
  readonly normFirst?: boolean;
  /** Of what both branches add. */
  readonly dropout?: number;
  /** Of weights of attention. */
  readonly attentionDropout?: number;
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
 *   x += attention(norm(x));  x += mlp(norm(x));  or with `normFirst: false` x = norm(x + attention(x)), x = norm(x + mlp(x))
 *
 * A decoder's block, whose positions see none after them, or with `causal: false` an encoder's:
 *
 *   const block = new TransformerBlock(512, 8, { causal: false, activation: "relu", normFirst: false });
 *   block.forward(x, paddingMask(ids, 0));
 *
 * is PyTorch's `TransformerEncoderLayer(512, 8)`; its dropout is here `dropout`, `attentionDropout` and `mlpDropout`, each 0 at first.
 *
 * Shapes    x [B, T, embedDim] → the same; a mask is one that broadcasts to [B, numHeads, T, T]
 * Throws    RangeError for heads that do not divide the width; TypeError for a cache in an encoder's block
 * Source    Vaswani et al. 2017; Xiong et al. 2020, On layer normalization in the transformer architecture (norm first)
 */
export class TransformerBlock extends Module {
  readonly normFirst: boolean;
  readonly attentionNorm: LayerNorm | RMSNorm;
  readonly attention: SelfAttention;
  readonly mlpNorm: LayerNorm | RMSNorm;
  readonly mlp: FeedForward;
  readonly dropout: Dropout;

  constructor(embedDim: number, numHeads: number, options: TransformerBlockOptions = {}) {
    const {
      mlpRatio = 4,
      norm = "layer",
      normEps = null,
      normFirst = true,
      bias = true,
      dropout = 0,
      attentionDropout = 0,
      mlpDropout = 0,
      activation = "gelu",
      causal = true,
      numKvHeads = numHeads,
      rotary = null,
      qkNorm = false,
      random = defaultRandom,
    } = checked("TransformerBlock", options, [
      "random",
      "numKvHeads",
      "bias",
      "qkNorm",
      "rotary",
      "causal",
      "activation",
      "mlpDropout",
      "mlpRatio",
      "norm",
      "normEps",
      "normFirst",
      "dropout",
      "attentionDropout",
    ]);
    super();
    this.normFirst = normFirst;
    this.attentionNorm = normOf(norm, embedDim, bias, normEps);
    const looking = { causal, numKvHeads, rotary, qkNorm, dropout: attentionDropout };
    this.attention = new SelfAttention(embedDim, numHeads, { ...looking, bias, random });
    this.mlpNorm = normOf(norm, embedDim, bias, normEps);
    const hidden = Math.round(mlpRatio * embedDim);
    this.mlp = new FeedForward(embedDim, hidden, { activation, bias, mlpDropout, random });
    this.dropout = new Dropout(dropout, { random });
  }

  /** With a mask, positions see only what it lets them: that of `paddingMask` hides what only fills up. */
  override forward(x: Tensor, mask: Tensor | null = null): Tensor {
    return this.#through(x, (y) => this.attention.forward(y, { mask }));
  }

  /** As `forward`, for positions that come after others, which a cache remembers. */
  after(past: LayerPast | null, x: Tensor): Tensor {
    return this.#through(x, (y) => this.attention.after(past, y));
  }

  // exercise: transformer-block
  #through(x: Tensor, attend: (x: Tensor) => Tensor): Tensor {
    const { attentionNorm, mlpNorm, mlp } = this;
    const sum = (x: Tensor, branch: Tensor) => x.add(this.dropout.forward(branch));
    if (this.normFirst) {
      const seen = sum(x, attend(attentionNorm.forward(x)));
      return sum(seen, mlp.forward(mlpNorm.forward(seen)));
    }
    const seen = attentionNorm.forward(sum(x, attend(x)));
    return mlpNorm.forward(sum(seen, mlp.forward(seen)));
  }
}
