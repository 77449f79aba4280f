import { scope } from "../../00-runtime/index.ts";
import { fromArray } from "../../01-tensor/index.ts";
import { evaluating, type Module } from "../../03-layers/index.ts";
import { noGrad } from "../../05-autograd/index.ts";
import type { GPT } from "../../13-transformers/index.ts";
import { CachesTogether, type KVCache } from "../../14-kv-cache/index.ts";

/** One text that waits for what the model says of its next token. */
interface Asked {
  readonly id: number;
  readonly cache: KVCache;
  resolve(scores: Float32Array): void;
  reject(error: unknown): void;
}

/**
 * Computes the next token of all texts that wait for one in a single pass: texts join when their prompt is read and leave when they
 * end, whatever the others do. Nobody waits for company: a pass starts in the next turn of the event loop, with those that are there.
 *
 * Source    Yu et al. 2022, Orca
 */
export class NextTokens {
  readonly #model: GPT;
  readonly #parts: readonly Module[];
  onPass: (texts: number, ms: number) => void = () => {};
  #asked: Asked[] = [];

  constructor(model: GPT) {
    this.#model = model;
    this.#parts = model.modules().map(([, part]) => part);
  }

  /** What the model says of the token behind a prompt. */
  read(prompt: Int32Array, cache: KVCache): Float32Array {
    cache.reset();
    const [scores] = this.#pass(prompt, cache);
    return scores;
  }

  /** What it says of the token behind `id`, which stands behind what the cache has seen. */
  after(id: number, cache: KVCache): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ id, cache, resolve, reject });
      if (this.#asked.length === 1) setImmediate(() => this.#answer());
    });
  }

  #answer(): void {
    const asked = this.#asked;
    this.#asked = [];
    const ids = Int32Array.from(asked, ({ id }) => id);
    const past = asked.length === 1 ? asked[0].cache : new CachesTogether(asked.map(({ cache }) => cache));
    const started = performance.now();
    try {
      const scores = this.#pass(ids, past);
      for (const [i, one] of asked.entries()) one.resolve(scores[i]);
    } catch (error) {
      for (const one of asked) one.reject(error);
    }
    this.onPass(asked.length, performance.now() - started);
  }

  #pass(ids: Int32Array, past: KVCache | CachesTogether): Float32Array[] {
    using _ = noGrad();
    using __ = scope();
    using ___ = evaluating(this.#model, this.#parts); // between two passes, whoever else has the model may train it
    const logits = this.#model.next(fromArray(ids, [1, ids.length]), past);
    return Array.from(
      { length: logits.shape[0] },
      (_, i) => logits.select(0, i).data.slice() as Float32Array,
    );
  }
}
