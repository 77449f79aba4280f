import { ShapeError, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Dropout, Linear, linear, Module } from "../03-layers/index.ts";
import { Embedding, PositionalEncoding, RotaryEmbedding } from "../11-embeddings/index.ts";
import { normOf, TransformerBlock } from "./block.ts";
import { type GPTOptions, settingsOf } from "./gpt-options.ts";
import { startAs } from "./gpt-start.ts";
import type { LayerNorm } from "./layer-norm.ts";
import type { RMSNorm } from "./rms-norm.ts";

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

  constructor(options: GPTOptions) {
    super();
    const settings = settingsOf(options);
    const { vocabSize, embedDim, numLayers, numHeads, maxSeqLen, random, norm, bias, dropout } = settings;
    [this.numLayers, this.maxSeqLen] = [numLayers, maxSeqLen];
    this.embedding = new Embedding(vocabSize, embedDim, { random });
    const learned = settings.positions === "learned";
    this.positions = learned ? new PositionalEncoding(maxSeqLen, embedDim, { learned, random }) : null;
    this.dropout = new Dropout(dropout, { random });
    const turns = { base: settings.rotaryBase, maxSeqLen };
    const rotary = learned ? null : new RotaryEmbedding(embedDim / numHeads, turns);
    const block = () => new TransformerBlock(embedDim, numHeads, { ...settings, rotary });
    this.blocks = Array.from({ length: numLayers }, block);
    this.norm = normOf(norm, embedDim, bias);
    this.head = settings.tied ? null : new Linear(embedDim, vocabSize, { bias: false, random });
    startAs(settings.start, this, random);
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
