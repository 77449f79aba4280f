import type { Random } from "../../00-runtime/index.ts";
import type { Tokenizer } from "../../10-tokenization/index.ts";
import { type GPT, pick, type SamplingOptions, samplingOf } from "../../13-transformers/index.ts";
import { KVCache } from "../../14-kv-cache/index.ts";
import { NextTokens } from "./together.ts";

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
  /** The new ids. Other work gets its turn between two of them; texts that are written at the same time share passes. */
  write(prompt: Int32Array, options: WriteOptions): AsyncGenerator<number, void, void>;
  /** Who is told of every pass: how many texts it carried on, and how long it took in ms. */
  watch(onPass: (texts: number, ms: number) => void): void;
}

export interface TextModelOptions {
  readonly name?: string;
  readonly version?: string;
  readonly tokenizer: Tokenizer;
  readonly endToken?: number;
}

/**
 * A GPT that computes with this library. Its caches of keys and values are used again: as many are made as texts are written at
 * one time. Texts that are written at the same time share every pass, and each draws from its own random numbers: it is the text
 * that it would be alone, unless a draw falls so near to the border of two tokens that the last bits of a sum decide.
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
  const tokens = new NextTokens(model);
  return {
    ...{ name, version, tokenizer, vocabSize: model.vocabSize, maxSeqLen: model.maxSeqLen },
    maxPositions: model.positions ? model.maxSeqLen + 1 : null,
    endToken: endToken ?? null,
    watch: (onPass) => {
      tokens.onPass = onPass;
    },
    async *write(prompt, { signal, maxLength, random, ...given }) {
      const sampling = samplingOf(given);
      const cache = caches.pop() ?? KVCache.for(model);
      try {
        const ids = [...prompt];
        let scores = tokens.read(prompt, cache);
        for (let left = maxLength; left > 0; left--) {
          const id = pick(scores, ids, sampling, random);
          ids.push(id);
          yield id;
          if (left > 1) scores = await tokens.after(id, cache);
          signal.throwIfAborted();
        }
      } finally {
        caches.push(cache);
      }
    },
  };
}
