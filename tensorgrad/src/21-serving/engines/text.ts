import { setImmediate } from "node:timers/promises";
import type { Random } from "../../00-runtime/index.ts";
import type { Tokenizer } from "../../10-tokenization/index.ts";
import type { GPT, SamplingOptions } from "../../13-transformers/index.ts";
import { KVCache } from "../../14-kv-cache/index.ts";

export interface WriteOptions extends SamplingOptions {
  readonly maxLength: number;
  readonly random: Random;
  /** Between two tokens: throws the signal's reason. */
  readonly signal: AbortSignal;
}

/** A model that continues texts, token by token. */
export interface TextModel {
  readonly name: string;
  readonly version: string;
  readonly tokenizer: Tokenizer;
  readonly vocabSize: number;
  /** The longest prompt that is read from its beginning. */
  readonly maxSeqLen: number;
  /** The most positions, prompt and answer together; null where a window slides. */
  readonly maxPositions: number | null;
  /** The id after which a text is over. */
  readonly endToken: number | null;
  /** The new ids. Other work gets its turn between two of them. */
  write(prompt: Int32Array, options: WriteOptions): AsyncGenerator<number, void, void>;
}

export interface TextModelOptions {
  readonly name?: string;
  readonly version?: string;
  readonly tokenizer: Tokenizer;
  readonly endToken?: number;
}

/**
 * A GPT that computes with this library. Its caches of keys and values are used again: as many are made as texts are written at
 * one time.
 *
 * Throws    RangeError for a tokenizer with another number of ids than the model
 */
export function textModel(
  model: GPT,
  { name = "gpt", version = "1", tokenizer, endToken }: TextModelOptions,
): TextModel {
  if (tokenizer.vocabSize !== model.vocabSize)
    throw new RangeError(
      `serve: a tokenizer of ${tokenizer.vocabSize} ids, a model of ${model.vocabSize} — an id that only one of them knows could be asked for, or written`,
    );
  const caches: KVCache[] = [];
  return {
    ...{ name, version, tokenizer, vocabSize: model.vocabSize, maxSeqLen: model.maxSeqLen },
    maxPositions: model.positions ? model.maxSeqLen + 1 : null,
    endToken: endToken ?? null,
    async *write(prompt, { signal, ...options }) {
      const cache = caches.pop() ?? KVCache.for(model);
      try {
        for (const { id } of model.stream(prompt, { ...options, cache })) {
          yield id;
          await setImmediate();
          signal.throwIfAborted();
        }
      } finally {
        caches.push(cache);
      }
    },
  };
}
