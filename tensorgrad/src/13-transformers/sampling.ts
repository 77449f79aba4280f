import type { Random } from "../00-runtime/index.ts";

/** How the next token is chosen from its scores. */
export interface SamplingOptions {
  /** Above 1 flattens the chances, below 1 sharpens them; 0 takes the likeliest token. */
  readonly temperature?: number;
  /** Only the k likeliest tokens. */
  readonly topK?: number;
  /** Only the likeliest tokens that together have this chance. */
  readonly topP?: number;
  /** Only tokens with at least this share of the likeliest one's chance. */
  readonly minP?: number;
  /** Above 1 makes tokens less likely that occurred before. */
  readonly repetitionPenalty?: number;
}

export type Sampling = Required<SamplingOptions>;

/** Throws  RangeError for a number outside its range */
export function samplingOf({
  temperature = 1,
  topK = Number.POSITIVE_INFINITY,
  topP = 1,
  minP = 0,
  repetitionPenalty = 1,
}: SamplingOptions): Sampling {
  const refuse = (name: string, value: number, rule: string): never => {
    throw new RangeError(`generate: ${name} = ${value} — ${rule}`);
  };
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    refuse("temperature", temperature, "a finite number above 0; 0 takes the likeliest token");
  if (!(topK >= 1 && (Number.isInteger(topK) || topK === Number.POSITIVE_INFINITY)))
    refuse("topK", topK, "an integer ≥ 1");
  if (!(topP > 0 && topP <= 1)) refuse("topP", topP, "a chance above 0, up to 1");
  if (!(minP >= 0 && minP <= 1)) refuse("minP", minP, "a share from 0 to 1");
  if (!(repetitionPenalty > 0 && repetitionPenalty < Number.POSITIVE_INFINITY))
    refuse("repetitionPenalty", repetitionPenalty, "a finite number above 0; 1 for none");
  return { temperature, topK, topP, minP, repetitionPenalty };
}

/**
 * Draws a token from scores: the penalty first, then the temperature, then top-k, top-p and min-p, each on what the one before
 * has left.
 *
 * Source  Keskar et al. 2019 (repetition penalty); Fan et al. 2018 (top-k); Holtzman et al. 2020 (top-p); Nguyen et al. 2024 (min-p)
 */
export function pick(
  logits: ArrayLike<number>,
  seen: ArrayLike<number>,
  { temperature, topK, topP, minP, repetitionPenalty }: Sampling,
  random: Random,
): number {
  const scores = Float64Array.from(logits);
  const broken = scores.findIndex(Number.isNaN);
  if (broken >= 0)
    throw new RangeError(
      `generate: the score of id ${broken} is NaN — no token can be drawn; look at the weights: has training diverged?`,
    );
  if (repetitionPenalty !== 1) {
    for (const id of new Set(Array.from(seen)))
      scores[id] = scores[id] > 0 ? scores[id] / repetitionPenalty : scores[id] * repetitionPenalty;
  }
  const best = likeliest(scores);
  if (temperature === 0) return best;
  const weights = scores.map((score) => weightOf(score, scores[best], temperature)); // 1 for the likeliest
  const left = kept(weights, topK, topP).filter((id) => weights[id] >= minP);
  const total = left.reduce((sum, id) => sum + weights[id], 0);
  let rest = random.uniform() * total;
  for (const id of left) {
    rest -= weights[id];
    if (rest < 0) return id;
  }
  return left[left.length - 1]; // rounding
}

/** ∞ − ∞ is no difference: what is as likely as the likeliest has weight 1. */
const weightOf = (score: number, best: number, temperature: number): number =>
  score === best ? 1 : Math.exp((score - best) / temperature);

function likeliest(scores: Float64Array): number {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id] > scores[best]) best = id;
  return best;
}

/** The tokens that top-k and top-p leave, the likeliest first where either applies. */
// exercise: sampling-top-p
function kept(weights: Float64Array, topK: number, topP: number): number[] {
  const ids = Array.from(weights.keys());
  if (topK >= ids.length && topP === 1) return ids;
  ids.sort((a, b) => weights[b] - weights[a] || a - b);
  const first = ids.slice(0, topK);
  const enough = topP * first.reduce((sum, id) => sum + weights[id], 0);
  let [sum, count] = [0, 0];
  while (count < first.length && sum < enough) sum += weights[first[count++]];
  return topP === 1 ? first : first.slice(0, count);
}
