import { parity } from "gradverify";
import { scope } from "tensorgrad";
import { DataLoader } from "tensorgrad/data";
import { type GPT, KVCache } from "tensorgrad/nn";
import { CharTokenizer } from "tensorgrad/text";
import { attentionMaps, cacheDifference, causality, surpriseByPlace } from "./gpt-probes.ts";
import { type Coherence, coherence, piecesOf, sampleTexts } from "./gpt-samples.ts";
import { meanSurprise } from "./gpt-score.ts";
import { TEMPERATURES } from "./gpt-stages.ts";
import { type Texts, validationWindows } from "./gpt-texts.ts";
import { KneserNey, surprises } from "./ngrams.ts";

/** A frozen model below this perplexity on this text has seen it: none is known that comes near. */
const SUSPICIOUS = 3.3;

export interface Judgement {
  /** Windows of the training context that do not overlap: the number of the ladder. */
  readonly valNats: number;
  /** Windows that overlap by half. */
  readonly valNatsHalfStride: number;
  readonly bits: number;
  readonly perplexity: number;
  readonly parameters: number;
  readonly samples: readonly string[];
  /** A hundred characters each. */
  readonly byTemperature: readonly { readonly temperature: number; readonly text: string }[];
  readonly coherence: Coherence;
  /** The same of real text that was not trained on. */
  readonly realCoherence: Coherence;
  readonly wordsKnown: number;
  readonly causality: number;
  readonly cacheMaxAbs: number;
  readonly parityMaxAbs: number;
  readonly byPlace: readonly number[];
  /** Bits, by layer and head. */
  readonly entropy: readonly (readonly number[])[];
}

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);

/** Throws  RangeError for a score that only a leak explains */
export function refuseLeak(valNats: number): void {
  if (valNats >= Math.log(SUSPICIOUS)) return;
  throw new RangeError(
    `04-tinygpt: ${valNats.toFixed(4)} nats on the validation text, perplexity ${Math.exp(valNats).toFixed(2)} — below ${SUSPICIOUS} ` +
      "no frozen model of this text is known; look for validation characters among the training ones, or a model that looks ahead",
  );
}

/** Measures a model on all of the validation text; `suspicious` is for Shakespeare, of which it is known how far one gets. */
export async function judge(
  model: GPT,
  texts: Texts,
  { length = 500, suspicious = true } = {},
): Promise<Judgement> {
  const T = model.maxSeqLen;
  const windows = validationWindows(texts, T);
  const valNats = meanSurprise(model, windows);
  if (suspicious) refuseLeak(valNats);
  const tokenizer = new CharTokenizer(texts.train.alphabet);
  const samples = sampleTexts(model, tokenizer, { seeds: SEEDS, length, temperature: 0.8 });
  const byTemperature = TEMPERATURES.map((temperature) => {
    const [text] = sampleTexts(model, tokenizer, { seeds: [1], length: 100, temperature });
    return { temperature, text };
  });
  const written = coherence(samples, texts.train.text);
  const ids = texts.validation.ids().slice(0, T);
  const loader = new DataLoader(windows, { batchSize: 16, dropLast: true });
  using _ = scope();
  model.eval();
  const { maxAbs } = await parity(model, windows.batch([0, 1, 2, 3]).x, { nodes: false, float64Rows: 1 });
  return {
    valNats,
    valNatsHalfStride: meanSurprise(model, validationWindows(texts, T, T / 2)),
    bits: valNats / Math.LN2,
    perplexity: Math.exp(valNats),
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    samples,
    byTemperature,
    coherence: written,
    realCoherence: coherence(piecesOf(texts.validation.text, SEEDS.length, length), texts.train.text),
    wordsKnown: written.wordsKnown,
    causality: causality(model, ids),
    cacheMaxAbs: cacheDifference(model, ids),
    parityMaxAbs: maxAbs,
    byPlace: surpriseByPlace(model, loader),
    entropy: attentionMaps(model, ids).map(({ entropy }) => entropy),
  };
}

/** Modified Kneser–Ney of an order, counted anew: the bar to pass, in nats. */
export function countedBar({ train, validation }: Texts, order: number): number {
  const [seen, rest] = [train.ids(), validation.ids()];
  const all = new Int32Array(seen.length + rest.length);
  all.set(seen);
  all.set(rest, seen.length);
  const scores = surprises(new KneserNey(seen, [...train.alphabet].length, order), all, seen.length);
  return scores.reduce((sum, value) => sum + value, 0) / scores.length;
}

/** Time and memory of generating with and without a cache, greedy from one character. */
export interface CacheCost {
  readonly length: number;
  readonly cachedMs: number;
  readonly plainMs: number;
  /** Of the keys and values of so many positions. */
  readonly bytes: number;
}

export function cacheCosts(model: GPT, lengths: readonly number[]): CacheCost[] {
  return lengths.map((length) => {
    const cache = KVCache.for(model, { maxSeqLen: length + 1 });
    const time = (options: object): number => {
      const start = performance.now();
      model.generate([0], { maxLength: length, temperature: 0, ...options });
      return performance.now() - start;
    };
    time({ cache }); // kernels are compiled on first use
    return { length, cachedMs: time({ cache }), plainMs: time({}), bytes: cache.bytes };
  });
}
