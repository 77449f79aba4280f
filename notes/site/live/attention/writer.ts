import { fromArray, noGrad, Random, scope } from "tensorgrad";
import { type GPT, KVCache } from "tensorgrad/nn";
import { CharTokenizer } from "tensorgrad/text";
import { decodeTensors } from "tensorgrad/train";
import { attentionMaps, causality } from "../../../../examples/lib/gpt-probes.ts";
import { build, RECIPES } from "../../../../examples/lib/gpt-recipe.ts";
import { asText, KneserNey } from "../../../../examples/lib/ngrams.ts";
import { RowCounts } from "../../../../examples/lib/row-counts.ts";
import { kernelsHere } from "../lib/kernels.ts";
import type { Counted, Facts, Piece, Reading, Wish } from "./work.ts";

/** The committed model of milestone 4, and counts of the text that it has read. */
export class Writer {
  readonly #model: GPT;
  readonly #tokenizer: CharTokenizer;
  readonly #valNats: number;
  readonly #rows: RowCounts;
  /** Made when they are asked for. */
  readonly #counted = new Map<number, { readonly model: KneserNey; readonly before: Map<string, number> }>();
  readonly #cache: KVCache;
  #tokens: ReturnType<GPT["stream"]> | null = null;
  #cached = false;

  /** From the bytes of both files. */
  constructor(model: Uint8Array, rows: Uint8Array) {
    const { tensors, metadata } = decodeTensors(model);
    this.#tokenizer = new CharTokenizer(metadata.alphabet);
    this.#valNats = Number(metadata.valNats);
    this.#model = build(RECIPES.platinum, this.#tokenizer.vocabSize);
    this.#model.loadStateDict(tensors);
    this.#model.eval();
    this.#cache = KVCache.for(this.#model);
    this.#rows = RowCounts.from(decodeTensors(rows));
  }

  get facts(): Facts {
    const { numLayers, maxSeqLen } = this.#model;
    return {
      parameters: this.#model.parameters().reduce((sum, { size }) => sum + size, 0),
      layers: numLayers,
      heads: this.#model.blocks[0].attention.numHeads,
      window: maxSeqLen,
      alphabet: this.#tokenizer.alphabet,
      valNats: this.#valNats,
      longest: this.#rows.order,
    };
  }

  read(text: string, { lifted = false } = {}): Reading {
    using _ = scope();
    const seen = [...text].slice(-this.#model.maxSeqLen).join("");
    const ids = this.#tokenizer.encode(seen);
    const scores = noGrad(() => this.#model.forward(fromArray(ids, [1, ids.length]))); // [1, T, alphabet]
    return {
      seen,
      scores: scores.contiguous().data.slice() as Float32Array,
      weights: attentionMaps(this.#model, ids, { lifted }).map(({ weights }) => weights),
      moved: ids.length > 1 ? causality(this.#model, ids) : 0,
      kernels: kernelsHere(),
    };
  }

  /** What rows of `order` characters say about the next one. */
  count(text: string, order: number): Counted {
    const { model, before } = this.#counts(order);
    const { vocabSize } = this.#tokenizer;
    const history = [...text].slice(text.length - Math.min(text.length, order - 1)).join("");
    const ids = this.#tokenizer.encode(history);
    return {
      history,
      times: before.get(asText(ids)) ?? 0,
      chances: Float64Array.from({ length: vocabSize }, (_, id) => model.probability(ids, id)),
    };
  }

  #counts(order: number) {
    const found = this.#counted.get(order) ?? this.#countedAnew(order);
    this.#counted.set(order, found);
    return found;
  }

  #countedAnew(order: number) {
    const rows = this.#rows.rows(order);
    const before = new Map<string, number>();
    for (const [row, count] of rows)
      before.set(row.slice(0, -1), (before.get(row.slice(0, -1)) ?? 0) + count);
    return { model: KneserNey.fromRows(rows, this.#tokenizer.vocabSize, order), before };
  }

  begin({ prompt, length: maxLength, temperature, topK, seed, cache }: Wish): void {
    this.#tokens?.return(new Int32Array() as never);
    this.#cached = cache;
    const options = { tokenizer: this.#tokenizer, maxLength, temperature, random: new Random(seed) };
    this.#tokens = this.#model.stream(prompt, {
      ...options,
      ...(topK === null ? {} : { topK }),
      ...(cache ? { cache: this.#cache } : {}),
    });
  }

  more(ms: number): Piece {
    const [ids, times]: [number[], number[]] = [[], []];
    const end = performance.now() + ms;
    let done = this.#tokens === null;
    while (!done && performance.now() < end) {
      const start = performance.now();
      const next = this.#tokens?.next();
      if (!next || next.done) done = true;
      else {
        ids.push(next.value.id);
        times.push(performance.now() - start);
      }
    }
    return { text: this.#tokenizer.decode(ids), times, done, bytes: this.#bytes };
  }

  get #bytes(): Piece["bytes"] {
    if (!this.#cached) return { used: 0, room: 0 };
    const { bytes: room, length, maxSeqLen } = this.#cache;
    return { used: (room * Math.min(length, maxSeqLen)) / maxSeqLen, room };
  }
}
