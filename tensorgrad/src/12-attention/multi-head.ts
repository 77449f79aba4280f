import { checked, ShapeError, show } from "../00-runtime/index.ts";
import { full, narrowed, type Tensor } from "../01-tensor/index.ts";
import { type init, Linear, Module, Parameter } from "../03-layers/index.ts";
import type { Offset, RotaryEmbedding } from "../11-embeddings/index.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { checkOperands } from "./checks.ts";
import { type Scoring, weightsOf } from "./composed.ts";

export interface MultiHeadAttentionOptions extends init.Draw {
  /** Heads of keys and values, which so many query heads share: 1 is multi-query, numHeads the plain form. */
  readonly numKvHeads?: number;
  readonly bias?: boolean;
  /** Of weights, while training. */
  readonly dropout?: number;
  /** Scales queries and keys to a mean square of 1; a learned factor for each head takes the place of 1/√D. */
  readonly qkNorm?: boolean;
  /** Turns queries and keys by their positions. */
  readonly rotary?: RotaryEmbedding | null;
  /** Width of `memory`, for attention across sequences. */
  readonly memoryDim?: number;
}

/** Options of one pass of `MultiHeadAttention`. */
export interface LookOptions {
  /** Keys and values come from this sequence [..., S, memoryDim] instead of x itself. */
  readonly memory?: Tensor;
  /** As in `scaledDotProductAttention`. */
  readonly mask?: Tensor | null;
  readonly causal?: boolean;
  /** The position of the first row of x, or of every row, for rotary positions. */
  readonly offset?: Offset;
}

const LOOK = ["memory", "mask", "causal", "offset"] as const;

/** What attention takes. */
export interface Heads {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly scoring: Scoring;
}

/** The factor of normalized queries at first: scores of heads of 32 lie between ±8. */
const FIRST_SCALE = 0.25;
const EPS = 1e-6;

/**
 * Attention in several heads side by side, each with a width of embedDim/numHeads: each can look for something else.
 *
 *   y = out(heads(attention(q(x), k(m), v(m)))),   m = memory, or x itself
 *
 * Shapes    x [..., T, embedDim], memory [..., S, memoryDim] → y [..., T, embedDim]
 * Start     as `Linear`; the factors of qkNorm 1/4
 * Memory    2·C·(C + C·numKvHeads/numHeads) parameters without biases, C = embedDim
 * Throws    RangeError for heads that do not divide the width; ShapeError for inputs of another one
 * Source    Vaswani et al. 2017 (heads); Shazeer 2019 and Ainslie et al. 2023 (shared keys); Henry et al. 2020 (QK-norm)
 */
export class MultiHeadAttention extends Module {
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly headDim: number;
  readonly dropout: number;
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly out: Linear;
  readonly rotary: RotaryEmbedding | null;
  /** Of qkNorm: a factor for each head, [numHeads]. */
  readonly scale: Parameter | null;
  readonly #draw: init.Draw;

  constructor(embedDim: number, numHeads: number, options: MultiHeadAttentionOptions = {}) {
    const {
      numKvHeads = numHeads,
      bias = true,
      dropout = 0,
      qkNorm = false,
      rotary = null,
      memoryDim = embedDim,
      ...draw
    } = checked(new.target.name, options, [
      "random",
      "numKvHeads",
      "bias",
      "dropout",
      "qkNorm",
      "rotary",
      "memoryDim",
    ]);
    super();
    checkHeads(embedDim, numHeads, numKvHeads, dropout);
    [this.numHeads, this.numKvHeads, this.dropout, this.rotary] = [numHeads, numKvHeads, dropout, rotary];
    this.headDim = embedDim / numHeads;
    const shared = this.headDim * numKvHeads;
    this.q = new Linear(embedDim, embedDim, { bias, ...draw });
    this.k = new Linear(memoryDim, shared, { bias, ...draw });
    this.v = new Linear(memoryDim, shared, { bias, ...draw });
    this.out = new Linear(embedDim, embedDim, { bias, ...draw });
    this.scale = qkNorm ? new Parameter(full([numHeads], FIRST_SCALE)) : null;
    this.#draw = draw;
  }

  override forward(x: Tensor, options: LookOptions = {}): Tensor {
    const { q, k, v, scoring } = this.heads(x, options);
    const dropoutP = this.training ? this.dropout : 0;
    return this.joined(scaledDotProductAttention(q, k, v, { ...scoring, dropoutP, ...this.#draw }));
  }

  /** How much each position looks at each other, for pictures: [..., numHeads, T, S], rows that sum to 1. Holds all of them. */
  weights(x: Tensor, options: LookOptions = {}): Tensor {
    const { scoring, ...heads } = this.heads(x, options);
    const [q, k, v] = narrowed(heads.q, heads.k, heads.v);
    checkOperands(q, k, v, { ...scoring, dropoutP: 0 });
    return weightsOf(q, k, scoring);
  }

  /** Queries [..., numHeads, T, D], keys and values [..., numKvHeads, S, D], and how their products become scores. */
  protected heads(x: Tensor, options: LookOptions): Heads {
    const { memory, mask = null, causal = false, offset = 0 } = checked("MultiHeadAttention", options, LOOK);
    if (memory && this.rotary)
      throw new TypeError(
        "MultiHeadAttention: memory with rotary positions — they compare positions of one sequence; make the layer without",
      );
    checkRank(x);
    const from = memory ?? x;
    const q = this.#turned(this.#scaled(split(this.q.forward(x), this.numHeads)), offset);
    const k = this.#turned(this.#normal(split(this.k.forward(from), this.numKvHeads)), offset);
    const v = split(this.v.forward(from), this.numKvHeads).transpose(-3, -2);
    const scale = this.scale ? 1 : 1 / Math.sqrt(q.shape.at(-1) as number);
    return { q, k, v, scoring: { mask, causal, scale } };
  }

  /** The heads' answers [..., numHeads, T, D] side by side, and one line more. */
  protected joined(y: Tensor): Tensor {
    const rows = y.transpose(-3, -2); // [..., T, numHeads, D]
    return this.out.forward(rows.reshape([...rows.shape.slice(0, -2), this.numHeads * this.headDim]));
  }

  /** Rows of the last dim with a mean square of 1. */
  protected normalized(x: Tensor): Tensor {
    return x.mul(x.square().mean(-1, { keepDim: true }).add(EPS).rsqrt());
  }

  #normal(x: Tensor): Tensor {
    return this.scale ? this.normalized(x) : x;
  }

  #scaled(q: Tensor): Tensor {
    return this.scale ? this.normalized(q).mul(this.scale.unsqueeze(1)) : q;
  }

  /** [..., T, heads, D] → [..., heads, T, D] */
  #turned(x: Tensor, offset: Offset): Tensor {
    const lying = x.transpose(-3, -2);
    return this.rotary ? this.rotary.forward(lying, { offset }) : lying;
  }

  protected override describe(): string {
    const shared = this.numKvHeads === this.numHeads ? "" : `, numKvHeads: ${this.numKvHeads}`;
    return `${this.numHeads * this.headDim}, ${this.numHeads}${shared}${this.scale ? ", qkNorm: true" : ""}`;
  }
}

/** [..., T, heads·D] → [..., T, heads, D], a view. */
const split = (x: Tensor, heads: number): Tensor => {
  const width = x.shape.at(-1) as number;
  return x.reshape([...x.shape.slice(0, -1), heads, width / heads]);
};

function checkRank({ shape }: Tensor): void {
  if (shape.length < 2)
    throw new ShapeError(`MultiHeadAttention: expected input [..., T, embedDim], got ${show(shape)}`);
}

function checkHeads(embedDim: number, numHeads: number, numKvHeads: number, dropout: number): void {
  const call = `MultiHeadAttention(${embedDim}, ${numHeads})`;
  const isCount = (n: number) => Number.isInteger(n) && n >= 1;
  if (!isCount(embedDim) || !isCount(numHeads) || embedDim % numHeads !== 0)
    throw new RangeError(
      `${call}: ${numHeads} heads for a width of ${embedDim} — each head gets an equal part: the width must be a multiple of the heads`,
    );
  if (!isCount(numKvHeads) || numHeads % numKvHeads !== 0)
    throw new RangeError(
      `${call}: numKvHeads = ${numKvHeads} — as many query heads share each: ${numHeads} must be a multiple of it`,
    );
  if (!(dropout >= 0 && dropout < 1))
    throw new RangeError(`${call}: dropout = ${dropout} — a probability from 0 to below 1`);
}
