import { ShapeError, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { Dropout, Linear, linear, Module } from "../03-layers/index.ts";
import { Embedding, PositionalEncoding, RotaryEmbedding } from "../11-embeddings/index.ts";
import { normOf, TransformerBlock } from "./block.ts";
import { type GenerateOptions, generate, type NewToken, type StreamOptions, stream } from "./generate.ts";
import { type GPTOptions, ofBlock, settingsOf } from "./gpt-options.ts";
import { startAs } from "./gpt-start.ts";
import type { LayerNorm } from "./layer-norm.ts";
import type { Past } from "./past.ts";
import { readPretrained } from "./pretrained.ts";
import type { Continued, Prompt } from "./prompts.ts";
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
  readonly vocabSize: number;
  readonly numLayers: number;
  readonly numKvHeads: number;
  readonly headDim: number;
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
    [this.vocabSize, this.numLayers, this.maxSeqLen] = [vocabSize, numLayers, maxSeqLen];
    [this.numKvHeads, this.headDim] = [settings.numKvHeads, embedDim / numHeads];
    this.embedding = new Embedding(vocabSize, embedDim, { random });
    const learned = settings.positions === "learned";
    this.positions = learned ? new PositionalEncoding(maxSeqLen, embedDim, { learned, random }) : null;
    this.dropout = new Dropout(dropout, { random });
    const rotary = learned ? null : new RotaryEmbedding(this.headDim, { base: settings.rotaryBase });
    const block = () => new TransformerBlock(embedDim, numHeads, { ...ofBlock(settings), rotary });
    this.blocks = Array.from({ length: numLayers }, block);
    this.norm = normOf(norm, embedDim, bias, settings.normEps);
    this.head = settings.tied ? null : new Linear(embedDim, vocabSize, { bias: false, random });
    startAs(settings.start, this, random);
  }

  /**
   * A GPT-2 from a folder as Hugging Face has it: `config.json` and `model.safetensors`, or the several files that
   * `model.safetensors.index.json` names. Its tokenizer is read by
   * `loadTokenizer(folder)` of `tensorgrad/text/node`.
   *
   * Throws    FormatError for another architecture, and for tensors that are missing, left over, or of another shape
   */
  static async fromPretrained(folder: string): Promise<GPT> {
    const { options, parameters } = await readPretrained(folder);
    const model = new GPT(options);
    model.loadStateDict(parameters);
    return model.eval();
  }

  override forward(ids: Tensor): Tensor {
    this.#checkLength(ids);
    return this.#scores(this.#hidden(ids, null));
  }

  /**
   * What comes after the last position only; with a cache, `ids` are those that it has not seen. With `CachesTogether` they are
   * the next ones of N texts.
   *
   * Shapes    ids [B, T] int32 → logits [B, vocabSize]; ids [1, N] of N texts → logits [N, vocabSize]
   */
  next(ids: Tensor, cache?: Past): Tensor {
    this.#checkLength(ids);
    const x = this.#hidden(ids, cache ?? null);
    if (cache?.positions) return this.#scores(x.select(0, 0)); // every one is the last of its text
    return this.#scores(x.select(1, x.shape[1] - 1));
  }

  /**
   * Continues a text, or ids, or several of them, token by token.
   *
   *   model.generate("ROMEO:", { tokenizer, maxLength: 200, temperature: 0.8, random: new Random(1), cache: KVCache.for(model) });
   *
   * Gives back the prompt with what follows it. A prompt longer than maxSeqLen is read from its last maxSeqLen tokens on.
   * Without a cache the model sees the last maxSeqLen tokens, and reads all of them again for every new token. With a cache
   * each token is read once, and every layer sees the last maxSeqLen positions of the layer below.
   *
   * Throws    RangeError for an empty prompt, an id that is none, settings outside their range, scores that are NaN, or more
   *           positions than a model with learned ones has, where a cache is given; TypeError for text without a tokenizer
   */
  generate<const P extends Prompt>(prompt: P, options: GenerateOptions = {}): Continued<P> {
    return generate(this, prompt, options);
  }

  /**
   * As `generate`, one token at a time, for whoever reads them: a page can draw, and stop, between two of them.
   *
   *   for (const { id } of model.stream("ROMEO:", { tokenizer, cache })) show(tokenizer.decode([id]));
   *
   * The call looks at what it is given at once; the model computes when a token is asked for. At the end the generator returns
   * what `generate` returns. A cache serves one stream at a time.
   */
  stream<const P extends Prompt>(
    prompt: P,
    options: StreamOptions = {},
  ): Generator<NewToken, Continued<P>, void> {
    return stream(this, prompt, options);
  }

  /** [B, T] → [B, T, embedDim] */
  #hidden(ids: Tensor, past: Past | null): Tensor {
    let x = this.embedding.forward(ids);
    if (this.positions) x = this.positions.forward(x, { offset: past?.positions ?? past?.length ?? 0 });
    x = this.dropout.forward(x);
    for (const [layer, block] of this.blocks.entries()) x = block.after(past && { past, layer }, x);
    return x;
  }

  #scores(x: Tensor): Tensor {
    const y = this.norm.forward(x);
    return this.head ? this.head.forward(y) : linear(y, this.embedding.weight);
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
