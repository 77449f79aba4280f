import { checked } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import {
  type Heads,
  type LookOptions,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from "../12-attention/index.ts";
import type { LayerPast } from "./past.ts";
import { rmsNorm } from "./rms-norm.ts";

/** Options of `SelfAttention`. */
export interface SelfAttentionOptions extends Omit<MultiHeadAttentionOptions, "memoryDim"> {
  /** Whether a position sees none after it; false lets it look both ways. */
  readonly causal?: boolean;
}

/**
 * `MultiHeadAttention` as a block uses it: causal unless told otherwise, with a cache of earlier positions, and with
 * queries and keys normalized by one kernel.
 *
 *   y = out(attention(q(x), k(x), v(x)))
 *
 * Shapes    x [B, T, embedDim] → the same
 * Throws    as `MultiHeadAttention`; TypeError for a cache where positions look both ways
 * Source    Vaswani et al. 2017; Su et al. 2021 (rotary); Henry et al. 2020 (QK-norm); Ainslie et al. 2023 (grouped keys)
 */
export class SelfAttention extends MultiHeadAttention {
  readonly causal: boolean;

  constructor(embedDim: number, numHeads: number, given: SelfAttentionOptions = {}) {
    const { causal = true, ...options } = checked("SelfAttention", given, [
      "random",
      "numKvHeads",
      "bias",
      "dropout",
      "qkNorm",
      "rotary",
      "causal",
    ]);
    super(embedDim, numHeads, options);
    this.causal = causal;
  }

  /** As `forward`, for positions that come after others, which a cache remembers. */
  after(past: LayerPast | null, x: Tensor): Tensor {
    if (!past) return this.forward(x);
    if (!this.causal)
      throw new TypeError(
        "SelfAttention: a cache, but causal: false — earlier positions would have to look at later ones; read the whole sequence",
      );
    const { q, k, v, scoring } = this.heads(x, { offset: past.past.positions ?? past.past.length });
    return this.joined(past.past.attend(past.layer, q, k, v, { scale: scoring.scale }));
  }

  protected override heads(x: Tensor, options: LookOptions): Heads {
    return super.heads(x, { causal: this.causal, ...options });
  }

  protected override normalized(x: Tensor): Tensor {
    return rmsNorm(x, x.shape.at(-1) as number);
  }
}
