import { defaultRandom, type Random, ShapeError, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Dropout, Linear, linear, Module } from "../03-layers/index.ts";
import { Embedding, PositionalEncoding, RotaryEmbedding } from "../11-embeddings/index.ts";
import { normOf, TransformerBlock } from "./block.ts";
import type { FeedForwardActivation } from "./feed-forward.ts";
import { type Start, startAs } from "./gpt-start.ts";
import type { LayerNorm } from "./layer-norm.ts";
import type { RMSNorm } from "./rms-norm.ts";

export interface GPTOptions {
  /** Ids go from 0 to vocabSize − 1. */
  readonly vocabSize: number;
  /** Numbers per position. */
  readonly embedDim: number;
  readonly numLayers: number;
  readonly numHeads: number;
  /** The most positions that the model sees at once. */
  readonly maxSeqLen: number;
  /** Fewer heads of keys and values than of queries. */
  readonly numKvHeads?: number;
  readonly mlpRatio?: number;
  readonly positions?: "learned" | "rotary";
  /** Of the longest wave of rotary positions. */
  readonly rotaryBase?: number;
  readonly norm?: "layer" | "rms";
  readonly activation?: FeedForwardActivation;
  readonly bias?: boolean;
  /** Whether the head is the embedding, read the other way round. */
  readonly tied?: boolean;
  readonly qkNorm?: boolean;
  /** Of the embedding and of what the branches add. */
  readonly dropout?: number;
  readonly start?: Start;
  readonly random?: Random;
}

/**
 * A language model: what comes next, at every position, from that position and those before it.
 *
 *   x = embedding(ids) (+ positions);  blocks;  logits = head(norm(x))
 *
 * Shapes    ids [B, T] int32, T ≤ maxSeqLen → logits [B, T, vocabSize]
 * Cost      about 2 flops a parameter and token forward, 6 in training, and 4·T·embedDim a layer for attention
 * Throws    RangeError for sizes that do not fit together; ShapeError for ids of another shape, or too many
 * Source    Radford et al. 2019, Language models are unsupervised multitask learners; Karpathy 2022, nanoGPT
 */
export class GPT extends Module {
  readonly numLayers: number;
  readonly maxSeqLen: number;
  readonly embedding: Embedding;
  readonly positions: PositionalEncoding | null;
  readonly dropout: Dropout;
  readonly blocks: readonly TransformerBlock[];
  readonly norm: LayerNorm | RMSNorm;
  readonly head: Linear | null;

  constructor({
    vocabSize,
    embedDim,
    numLayers,
    numHeads,
    maxSeqLen,
    positions = "learned",
    rotaryBase = 10_000,
    norm = "layer",
    bias = true,
    tied = true,
    dropout = 0,
    start = "gpt2",
    random = defaultRandom,
    ...block
  }: GPTOptions) {
    super();
    [this.numLayers, this.maxSeqLen] = [numLayers, maxSeqLen];
    this.embedding = new Embedding(vocabSize, embedDim, { random });
    this.positions =
      positions === "learned" ? new PositionalEncoding(maxSeqLen, embedDim, { learned: true, random }) : null;
    this.dropout = new Dropout(dropout, { random });
    const rotary =
      positions === "rotary"
        ? new RotaryEmbedding(embedDim / numHeads, { base: rotaryBase, maxSeqLen })
        : null;
    this.blocks = Array.from(
      { length: numLayers },
      () => new TransformerBlock(embedDim, numHeads, { norm, bias, dropout, rotary, random, ...block }),
    );
    this.norm = normOf(norm, embedDim, bias);
    this.head = tied ? null : new Linear(embedDim, vocabSize, { bias: false, random });
    startAs(start, this, random);
  }

  override forward(ids: Tensor): Tensor {
    this.#checkLength(ids);
    let x = this.embedding.forward(ids); // [B, T, embedDim]
    if (this.positions) x = this.positions.forward(x);
    x = this.dropout.forward(x);
    for (const block of this.blocks) x = block.forward(x);
    x = this.norm.forward(x);
    return this.head ? this.head.forward(x) : linear(x, this.embedding.weight);
  }

  #checkLength(ids: Tensor): void {
    if (ids.rank !== 2)
      throw new ShapeError(
        `GPT: ids ${show(ids.shape)} — expected a batch of sequences, [B, T]; use ids.unsqueeze(0)`,
      );
    if (ids.shape[1] > this.maxSeqLen)
      throw new ShapeError(
        `GPT: ${ids.shape[1]} positions — the model sees at most maxSeqLen = ${this.maxSeqLen}; give it the last of them`,
      );
  }
}
