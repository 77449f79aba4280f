import type { Random } from "../00-runtime/index.ts";
import { eye, full, type Tensor } from "../01-tensor/index.ts";
import { Linear, Module, Parameter } from "../03-layers/index.ts";
import type { RotaryEmbedding } from "../11-embeddings/index.ts";
import { type AttentionOptions, bandMask, scaledDotProductAttention } from "../12-attention/index.ts";
import { checkHeads } from "./gpt-options.ts";
import type { LayerPast } from "./past.ts";
import { rmsNorm } from "./rms-norm.ts";

export interface SelfAttentionOptions {
  /** Fewer than numHeads: several heads look through the same keys and values. */
  readonly numKvHeads?: number;
  readonly bias?: boolean;
  /** Turns queries and keys by angles that grow with the position; null: none. */
  readonly rotary?: RotaryEmbedding | null;
  /** Scales queries and keys to a mean square of 1; then a learned scale per head takes the place of 1/√headDim. */
  readonly qkNorm?: boolean;
  readonly random?: Random;
}

/** The learned scale of normalized queries and keys at first: scores are between ±8 for heads of 32. */
const FIRST_SCALE = 0.25;

/**
 * Every position looks at itself and those before it.
 *
 *   y = out(attention(q(x), k(x), v(x)))
 *
 * Shapes    x [B, T, embedDim] → the same
 * Source    Vaswani et al. 2017; Su et al. 2021 (rotary); Henry et al. 2020 (QK-norm); Ainslie et al. 2023 (grouped keys)
 */
export class SelfAttention extends Module {
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly headDim: number;
  readonly rotary: RotaryEmbedding | null;
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly out: Linear;
  /** [numHeads] */
  readonly scale: Parameter | null;
  /** How many positions each one sees, its own included. A cache has a window of its own. */
  window = Infinity;

  constructor(
    embedDim: number,
    numHeads: number,
    { numKvHeads = numHeads, rotary = null, qkNorm = false, ...options }: SelfAttentionOptions = {},
  ) {
    super();
    checkHeads("SelfAttention", embedDim, numHeads, numKvHeads);
    [this.numHeads, this.numKvHeads, this.rotary] = [numHeads, numKvHeads, rotary];
    this.headDim = embedDim / numHeads;
    this.q = new Linear(embedDim, embedDim, options);
    this.k = new Linear(embedDim, numKvHeads * this.headDim, options);
    this.v = new Linear(embedDim, numKvHeads * this.headDim, options);
    this.out = new Linear(embedDim, embedDim, options);
    this.scale = qkNorm ? new Parameter(full([numHeads], FIRST_SCALE)) : null;
  }

  override forward(x: Tensor): Tensor {
    return this.after(null, x);
  }

  /** As `forward`, for positions that come after others, which a cache remembers. */
  after(past: LayerPast | null, x: Tensor): Tensor {
    const [B, T] = x.shape;
    const { q, k, scale } = this.#asked(x, past?.past.length ?? 0);
    const v = this.#heads(this.v.forward(x)).transpose(1, 2); // [B, numKvHeads, T, headDim]
    const y = past
      ? past.past.attend(past.layer, q, k, v, scale)
      : scaledDotProductAttention(q, k, v, { ...this.#sight(T), ...scale });
    return this.out.forward(y.transpose(1, 2).reshape(B, T, this.numHeads * this.headDim));
  }

  /** How much each position takes from each, for pictures: values that are unit vectors come out as the weights themselves. */
  weights(x: Tensor): Tensor {
    const [B, T] = x.shape;
    const { q, k, scale } = this.#asked(x, 0);
    const unit = eye(T, { dtype: q.dtype }).expand(B, this.numKvHeads, T, T);
    return scaledDotProductAttention(q, k, unit, { ...this.#sight(T), ...scale });
  }

  /** Queries [B, numHeads, T, headDim] and keys [B, numKvHeads, T, headDim], and the factor of their products. */
  #asked(x: Tensor, offset: number) {
    const q = this.#turned(this.#scaled(this.#heads(this.q.forward(x))), offset);
    const k = this.#turned(this.#normal(this.#heads(this.k.forward(x))), offset);
    return { q, k, scale: this.scale ? { scale: 1 } : {} };
  }

  #sight(T: number): AttentionOptions {
    return this.window < T ? { mask: bandMask(T, T, this.window) } : { causal: true };
  }

  /** [B, T, heads·headDim] → [B, T, heads, headDim] */
  #heads(x: Tensor): Tensor {
    return x.reshape(x.shape[0], x.shape[1], x.shape[2] / this.headDim, this.headDim);
  }

  #normal(x: Tensor): Tensor {
    return this.scale ? rmsNorm(x, x.shape[3]) : x;
  }

  #scaled(q: Tensor): Tensor {
    return this.scale ? this.#normal(q).mul(this.scale.unsqueeze(1)) : q;
  }

  /** [B, T, heads, headDim] → [B, heads, T, headDim] */
  #turned(x: Tensor, offset: number): Tensor {
    const lying = x.transpose(1, 2);
    return this.rotary ? this.rotary.forward(lying, { offset }) : lying;
  }
}
