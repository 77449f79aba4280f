import { checked, defaultRandom, type Random, scope } from "../00-runtime/index.ts";
import { fromArray } from "../01-tensor/index.ts";
import { evaluating, type Module } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import type { Tokenizer } from "../10-tokenization/index.ts";
import type { GPT } from "./gpt.ts";
import type { Past } from "./past.ts";
import { type Continued, type Prompt, readPrompt } from "./prompts.ts";
import { pick, type Sampling, type SamplingOptions, samplingOf } from "./sampling.ts";

/** Options of `GPT.stream`. */
export interface StreamOptions extends SamplingOptions {
  /** How many new tokens at most. */
  readonly maxLength?: number;
  /** For prompts and stops of text. */
  readonly tokenizer?: Tokenizer;
  /** Ends where one of these would stand; it is not part of what is given back. */
  readonly stop?: string | readonly string[];
  readonly random?: Random;
  /** Keeps keys and values, so that no position is computed twice. Emptied first. */
  readonly cache?: Past;
}

/** Options of `GPT.generate`. */
export interface GenerateOptions extends StreamOptions {
  /** Hears of every new token at once. */
  readonly onToken?: (id: number, row: number) => void;
}

/** A token just drawn, and the prompt that it continues. */
export interface NewToken {
  readonly id: number;
  readonly row: number;
}

const STREAM = [
  ...(["temperature", "topK", "topP", "minP", "repetitionPenalty"] as const),
  ...(["maxLength", "tokenizer", "stop", "random", "cache"] as const),
] as const;

/** See `GPT.generate`. */
export function generate<P extends Prompt>(model: GPT, prompt: P, given: GenerateOptions): Continued<P> {
  const { onToken, ...options } = checked("generate", given, [...STREAM, "onToken"]);
  const tokens = stream(model, prompt, options);
  for (;;) {
    const { done, value } = tokens.next();
    if (done) return value;
    onToken?.(value.id, value.row);
  }
}

/** See `GPT.stream`. */
export function stream<P extends Prompt>(
  model: GPT,
  prompt: P,
  options: StreamOptions,
): Generator<NewToken, Continued<P>, void> {
  const { maxLength = 100, tokenizer, random = defaultRandom, cache } = checked("stream", options, STREAM);
  const sampling = samplingOf(options);
  if (!(Number.isInteger(maxLength) && maxLength >= 0))
    throw new RangeError(`generate: maxLength = ${maxLength} — the number of new tokens is an integer ≥ 0`);
  const { prompts, back } = readPrompt(prompt, tokenizer, model.vocabSize);
  const rows = prompts.map((prompt) => new Row(prompt, maxLength, stopsOf(options)));
  const scores = new Scores(model, cache, prompts, maxLength);
  const tokens = function* () {
    yield* continued(rows, scores, sampling, random);
    return back(rows.map(({ result }) => result)) as Continued<P>;
  };
  return tokens();
}

/** Shorter prompts grow while longer ones are still read: no row is filled up, and no mask is needed. */
function* continued(rows: readonly Row[], scores: Scores, sampling: Sampling, random: Random) {
  const shortest = Math.min(...rows.map(({ prompt }) => prompt.length));
  for (const { ids, prompt } of rows) ids.push(...prompt.subarray(0, shortest));
  while (!rows.every(({ done }) => done)) {
    const next = scores.after(rows.map(({ ids }) => ids));
    for (const [r, row] of rows.entries()) {
      if (row.readPrompt() || row.done) continue;
      const id = pick(next[r], row.ids, sampling, random);
      row.add(id);
      yield { id, row: r };
    }
  }
}

/** Whether a text ends with one of these, and how many tokens before its end it then really ends. */
type Stops = (ids: readonly number[], from: number) => number | null;

function stopsOf({ stop = [], tokenizer }: GenerateOptions): Stops {
  const texts = [stop].flat();
  if (texts.includes("")) throw new RangeError('generate: stop "" — every text contains it; leave it out');
  if (texts.length === 0) return () => null;
  if (!tokenizer) throw new TypeError("generate: stop without a tokenizer — pass { tokenizer }");
  return (ids, from) => {
    const text = tokenizer.decode(ids.slice(from));
    const place = Math.min(...texts.map((one) => text.indexOf(one)).filter((at) => at >= 0));
    if (place === Number.POSITIVE_INFINITY) return null;
    let end = ids.length; // the most tokens whose text ends before the stop
    while (end > from && tokenizer.decode(ids.slice(from, end)).length > place) end--;
    return end;
  };
}

/** One sequence on its way. */
class Row {
  readonly ids: number[] = [];
  readonly prompt: Int32Array;
  /** Where the result ends, once that is known. */
  #end: number | null;
  readonly #most: number;
  readonly #stops: Stops;

  constructor(prompt: Int32Array, maxLength: number, stops: Stops) {
    [this.prompt, this.#most, this.#stops] = [prompt, prompt.length + maxLength, stops];
    this.#end = maxLength === 0 ? this.#most : null;
  }

  get done(): boolean {
    return this.#end !== null;
  }

  get result(): Int32Array {
    return this.done && this.#end === this.prompt.length
      ? this.prompt
      : Int32Array.from(this.ids.slice(0, this.#end as number));
  }

  /** Takes the next token of the prompt, if there is one; a row that is done keeps step with the others. */
  readPrompt(): boolean {
    const { ids, prompt } = this;
    const given = prompt[ids.length] ?? (this.done ? prompt[0] : undefined);
    if (given !== undefined) ids.push(given);
    return given !== undefined;
  }

  add(id: number): void {
    const { ids, prompt } = this;
    ids.push(id);
    this.#end = this.#stops(ids, prompt.length) ?? (ids.length === this.#most ? this.#most : null);
  }
}

/** What the model says of the next token of every row. */
class Scores {
  readonly #model: GPT;
  readonly #cache: Past | undefined;
  readonly #parts: readonly Module[];
  /** How many tokens of every row were given to the model. */
  #read = 0;

  constructor(model: GPT, cache: Past | undefined, prompts: readonly Int32Array[], maxLength: number) {
    [this.#model, this.#cache] = [model, cache];
    this.#parts = model.modules().map(([, part]) => part);
    if (!cache) return;
    const longest = Math.max(...prompts.map(({ length }) => length));
    if (cache.maxBatchSize < prompts.length)
      throw new RangeError(
        `generate: ${prompts.length} prompts, a cache for ${cache.maxBatchSize} — make one with a larger maxBatchSize`,
      );
    if (model.positions && longest + maxLength > model.maxSeqLen + 1)
      throw new RangeError(
        `generate: prompt of ${longest}, ${maxLength} new tokens, a cache and learned positions — the model has no position beyond ` +
          `maxSeqLen = ${model.maxSeqLen}; ask for less, or leave out the cache: then a window slides`,
      );
    cache.reset();
  }

  after(rows: readonly (readonly number[])[]): Float32Array[] {
    const { length } = rows[0];
    const first = Math.max(this.#cache ? this.#read : 0, length - this.#model.maxSeqLen);
    this.#read = length;
    using _ = noGrad();
    using __ = scope();
    using ___ = evaluating(this.#model, this.#parts); // between tokens, whoever reads them may train
    const ids = rows.flatMap((row) => row.slice(first));
    const shape = [rows.length, length - first];
    const logits = this.#model.next(fromArray(Int32Array.from(ids), shape), this.#cache); // [B, vocabSize]
    return rows.map((_, r) => logits.select(0, r).data.slice() as Float32Array);
  }
}
