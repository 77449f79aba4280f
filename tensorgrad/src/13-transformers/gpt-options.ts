import { checked, defaultRandom, type Random } from "../00-runtime/index.ts";
import type { TransformerBlockOptions } from "./block.ts";
import { ACTIVATIONS, type FeedForwardActivation } from "./feed-forward.ts";
import type { Start } from "./gpt-start.ts";

/** Options of `GPT`. */
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
  /** Added to the variance of a row before its root; null takes the norm's own, 1e-5 or 1e-6. */
  readonly normEps?: number | null;
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

/** What is taken where an option is left out: GPT-2's choices. */
const DEFAULTS = {
  mlpRatio: 4,
  positions: "learned",
  rotaryBase: 10_000,
  norm: "layer",
  normEps: null,
  activation: "gelu",
  bias: true,
  tied: true,
  qkNorm: false,
  dropout: 0,
  start: "gpt2",
} as const;

const WORDS = {
  positions: ["learned", "rotary"],
  norm: ["layer", "rms"],
  activation: Object.keys(ACTIVATIONS),
  start: ["gpt2", "zero"],
} as const;

const SIZES = ["vocabSize", "embedDim", "numLayers", "numHeads", "numKvHeads", "maxSeqLen"] as const;

/** All options, checked. Throws  RangeError for sizes that do not fit together, words and names that mean nothing */
export function settingsOf(options: GPTOptions): Required<GPTOptions> {
  const { numHeads } = checked("GPT", options, known);
  const settings = { numKvHeads: numHeads, random: defaultRandom, ...DEFAULTS, ...options };
  for (const name of SIZES) {
    if (Number.isInteger(settings[name]) && settings[name] >= 1) continue;
    throw new RangeError(`GPT: ${name} = ${settings[name]} — an integer ≥ 1`);
  }
  for (const [name, words] of Object.entries(WORDS)) {
    const word = settings[name as keyof typeof WORDS];
    if ((words as readonly string[]).includes(word)) continue;
    throw new RangeError(`GPT: ${name} ${JSON.stringify(word)} — one of ${words.join(", ")}`);
  }
  if (!(settings.mlpRatio > 0 && Number.isFinite(settings.mlpRatio)))
    throw new RangeError(`GPT: mlpRatio = ${settings.mlpRatio} — a finite number above 0`);
  const { normEps } = settings;
  if (normEps !== null && !(normEps >= 0 && normEps < Infinity))
    throw new RangeError(`GPT: normEps = ${normEps} — a finite number ≥ 0, such as 1e-5`);
  checkHeads("GPT", settings.embedDim, numHeads, settings.numKvHeads);
  return settings;
}

const known = [...SIZES, ...Object.keys(DEFAULTS), "random"] as (keyof GPTOptions)[];

/** Of a model's settings, those of one of its blocks. */
export function ofBlock({
  numKvHeads,
  mlpRatio,
  norm,
  normEps,
  activation,
  bias,
  qkNorm,
  dropout,
  random,
}: Required<GPTOptions>): TransformerBlockOptions {
  return { numKvHeads, mlpRatio, norm, normEps, activation, bias, qkNorm, dropout, random };
}

/** Throws  RangeError for heads that do not divide the width, or key heads that do not divide the heads */
export function checkHeads(call: string, embedDim: number, numHeads: number, numKvHeads: number): void {
  if (embedDim % numHeads !== 0)
    throw new RangeError(
      `${call}: embedDim ${embedDim}, numHeads ${numHeads} — each head gets an equal part of the width; choose a divisor of ${embedDim}`,
    );
  if (numHeads % numKvHeads !== 0)
    throw new RangeError(
      `${call}: numHeads ${numHeads}, numKvHeads ${numKvHeads} — equally many heads share each key head; choose a divisor of ${numHeads}`,
    );
}
