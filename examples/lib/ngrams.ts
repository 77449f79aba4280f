/**
 * Counted language models: what a text says about its next token after the last few. They are the bars that a trained
 * model has to pass.
 *
 * Tokens are numbers below `vocabSize`. A row of them is kept as a string with one character for each, because strings
 * are what a Map finds quickly.
 */
export interface CountedModel {
  /** The most tokens of history that it looks at. */
  readonly context: number;
  /** The chance of `token` after `history`. Over all tokens it sums to 1. */
  probability(history: ArrayLike<number>, token: number): number;
}

/** −ln p of every token from `start` on, each after those before it. */
export function surprises(model: CountedModel, tokens: Int32Array, start = 0): Float64Array {
  return Float64Array.from({ length: tokens.length - start }, (_, k) => {
    const i = start + k;
    return -Math.log(model.probability(tokens.subarray(Math.max(0, i - model.context), i), tokens[i]));
  });
}

/** How often each row of `length` tokens occurs. */
export function countRows(text: string, length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + length <= text.length; i++) add(counts, text.slice(i, i + length), 1);
  return counts;
}

const add = <Key>(counts: Map<Key, number>, key: Key, count: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + count);
};

/** Tokens as a string of one character each. */
export const asText = (tokens: ArrayLike<number>): string =>
  Array.from(tokens, (token) => String.fromCharCode(token)).join("");

export function checkTokens(call: string, tokens: ArrayLike<number>, vocabSize: number): void {
  if (!Number.isInteger(vocabSize) || vocabSize < 1 || vocabSize > 2 ** 16) {
    throw new RangeError(`${call}: vocabSize ${vocabSize} — an integer from 1 to 65536`);
  }
  const wrong = Array.from(tokens).findIndex(
    (token) => !(Number.isInteger(token) && token >= 0 && token < vocabSize),
  );
  if (wrong < 0) return;
  throw new RangeError(
    `${call}: token ${tokens[wrong]} at position ${wrong} — tokens are integers from 0 to ${vocabSize - 1}`,
  );
}

/**
 * Two tokens at a time. The weight of what was never seen after h is the number of different tokens seen after h.
 *
 *   p(w|h) = (c(hw) + d(h)·p(w)) / (c(h) + d(h)),   d(h) = the number of different tokens after h
 *
 * p(w) is formed in the same way from counts of w and the uniform 1/V.
 *
 * Source  Witten & Bell 1991; Chen & Goodman 1998, An empirical study of smoothing techniques for language modeling
 */
export class WittenBell implements CountedModel {
  readonly context = 1;
  readonly #vocabSize: number;
  readonly #counts: Map<string, number>;
  /** c and d of each history; of "" for single tokens. */
  readonly #histories = new Map<string, { count: number; different: number }>();

  constructor(tokens: ArrayLike<number>, vocabSize: number) {
    checkTokens("WittenBell", tokens, vocabSize);
    this.#vocabSize = vocabSize;
    const text = asText(tokens);
    this.#counts = new Map([...countRows(text, 1), ...countRows(text, 2)]);
    for (const [row, count] of this.#counts) {
      const before = row.slice(0, -1);
      const history = this.#histories.get(before) ?? { count: 0, different: 0 };
      this.#histories.set(before, { count: history.count + count, different: history.different + 1 });
    }
  }

  probability(history: ArrayLike<number>, token: number): number {
    return this.#after(asText(Array.from(history).slice(-1)), String.fromCharCode(token));
  }

  #after(before: string, token: string): number {
    const shorter = before === "" ? 1 / this.#vocabSize : this.#after("", token);
    const history = this.#histories.get(before);
    if (!history) return shorter;
    const { count, different } = history;
    return ((this.#counts.get(before + token) ?? 0) + different * shorter) / (count + different);
  }
}

/** What is taken off a count of 1, of 2, and of more. */
type Discounts = readonly [one: number, two: number, more: number];

/** Rows of one length. */
interface Level {
  readonly counts: ReadonlyMap<string, number>;
  /** Of each history: the sum of the counts after it, and what the discounts take off them. */
  readonly histories: ReadonlyMap<string, { readonly count: number; readonly freed: number }>;
  readonly discounts: Discounts;
}

/**
 * Modified Kneser–Ney smoothing, interpolated.
 *
 *   p(w|h) = (c(hw) − D(c(hw)))/c(h) + (Σ_v D(c(hv)))/c(h) · p(w|h′),   h′ = h without its first token
 *
 * For rows of `order` tokens c is a count. For shorter ones it is the number of different tokens that stand before them: a
 * token that is frequent only after one other is no good guess elsewhere. The last p(w|h′) is 1/V.
 *
 * Each length has three discounts, estimated from n₁…n₄, the number of rows that occur once, …, four times:
 *
 *   Y = n₁/(n₁ + 2n₂),   D₁ = 1 − 2Y·n₂/n₁,   D₂ = 2 − 3Y·n₃/n₂,   D₃₊ = 3 − 4Y·n₄/n₃
 *
 * Source  Kneser & Ney 1995; Chen & Goodman 1998, An empirical study of smoothing techniques for language modeling
 */
export class KneserNey implements CountedModel {
  readonly context: number;
  readonly #vocabSize: number;
  /** By the number of tokens before the last: rows of one, of two, … */
  readonly #levels: Level[] = [];

  constructor(tokens: ArrayLike<number>, vocabSize: number, order: number) {
    checkTokens("KneserNey", tokens, vocabSize);
    if (!Number.isInteger(order) || order < 1) {
      throw new RangeError(`KneserNey: order ${order} — the number of tokens in a row is an integer ≥ 1`);
    }
    [this.context, this.#vocabSize] = [order - 1, vocabSize];
    this.#count(countRows(asText(tokens), order));
  }

  /** The same model where the rows of `order` tokens were counted before. */
  static fromRows(rows: ReadonlyMap<string, number>, vocabSize: number, order: number): KneserNey {
    const model = new KneserNey([], vocabSize, order);
    model.#count(rows);
    return model;
  }

  #count(rows: ReadonlyMap<string, number>): void {
    this.#levels.length = 0;
    let counts = rows;
    for (let length = this.context + 1; length >= 1; length--) {
      this.#levels.unshift(levelOf(counts));
      const shorter = new Map<string, number>();
      for (const row of counts.keys()) add(shorter, row.slice(1), 1);
      counts = shorter;
    }
  }

  probability(history: ArrayLike<number>, token: number): number {
    const row = asText(history) + String.fromCharCode(token);
    let p = 1 / this.#vocabSize;
    for (const [before, { counts, histories, discounts }] of this.#levels.entries()) {
      if (before > history.length) break;
      const known = row.slice(row.length - 1 - before);
      const after = histories.get(known.slice(0, -1));
      if (!after) break; // a history that was never seen has no longer one that was
      const count = counts.get(known) ?? 0;
      p = (count - discount(discounts, count) + after.freed * p) / after.count;
    }
    return p;
  }
}

function levelOf(counts: ReadonlyMap<string, number>): Level {
  const discounts = estimate(counts);
  const histories = new Map<string, { count: number; freed: number }>();
  for (const [row, count] of counts) {
    const before = row.slice(0, -1);
    const history = histories.get(before) ?? { count: 0, freed: 0 };
    history.count += count;
    history.freed += discount(discounts, count);
    histories.set(before, history);
  }
  return { counts, histories, discounts };
}

const discount = (discounts: Discounts, count: number): number =>
  count === 0 ? 0 : discounts[Math.min(count, 3) - 1];

function estimate(counts: ReadonlyMap<string, number>): Discounts {
  const n = [0, 0, 0, 0, 0];
  for (const count of counts.values()) if (count <= 4) n[count]++;
  const y = n[1] / (n[1] + 2 * n[2]);
  const found = [1, 2, 3].map((count) => count - ((count + 1) * y * n[count + 1]) / n[count]);
  // Too few rows say nothing, or nonsense: a count would lose all it has, or gain. Then it loses half of the most it may.
  return found.every((amount, i) => amount > 0 && amount < i + 1)
    ? (found as unknown as Discounts)
    : [0.5, 1, 1.5];
}
