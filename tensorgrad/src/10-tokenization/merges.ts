import TinyQueue from "tinyqueue";

/** Two tokens that stand side by side become one. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly made: number;
}

/** Ids are below 2²⁶, so that a pair of them is one exact number. */
export const pairKey = (left: number, right: number): number => left * 2 ** 26 + right;

/** Merges in the order in which they were learned: a lower rank goes first. */
export class Merges {
  readonly list: readonly Merge[];
  readonly #ranks: ReadonlyMap<number, number>;

  constructor(list: readonly Merge[]) {
    this.list = list;
    this.#ranks = new Map(list.map(({ left, right }, rank) => [pairKey(left, right), rank]));
  }

  /**
   * Merges the pair of the lowest rank, the leftmost of equals, until no pair of neighbours has a rank. The list given is
   * used up.
   */
  apply(tokens: number[]): number[] {
    return tokens.length <= SHORT ? this.applyShort(tokens) : this.applyLong(tokens);
  }

  /** Looks at all pairs before each merge: O(n²) for n tokens, and the quickest way for a word of a few letters. */
  // exercise: bpe-apply
  applyShort(tokens: number[]): number[] {
    const ranks = tokens.map((left, i) => this.#rank(left, tokens[i + 1]));
    while (tokens.length > 1) {
      let best = 0;
      for (let i = 1; i < ranks.length; i++) if (ranks[i] < ranks[best]) best = i;
      if (ranks[best] === Infinity) break;
      tokens[best] = this.list[ranks[best]].made;
      tokens.splice(best + 1, 1);
      ranks.splice(best + 1, 1);
      ranks[best] = this.#rank(tokens[best], tokens[best + 1]);
      if (best > 0) ranks[best - 1] = this.#rank(tokens[best - 1], tokens[best]);
    }
    return tokens;
  }

  /** The same by a queue of places: O(n log n), so that a word of a million letters is no trap. */
  applyLong(tokens: number[]): number[] {
    const next = tokens.map((_, i) => i + 1);
    const previous = tokens.map((_, i) => i - 1);
    const rankAt = (i: number): number => this.#rank(tokens[i], tokens[next[i]]);
    const queue = new TinyQueue<number>([], (a, b) => a - b);
    const add = (i: number): void => {
      if (i >= 0 && rankAt(i) !== Infinity) queue.push(rankAt(i) * PLACES + i); // by rank, then by place
    };
    for (let i = 0; i < tokens.length; i++) add(i);
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const i = entry % PLACES;
      const rank = (entry - i) / PLACES;
      if (tokens[i] === GONE || rankAt(i) !== rank) continue; // a merge nearby came first
      tokens[i] = this.list[rank].made;
      tokens[next[i]] = GONE;
      next[i] = next[next[i]];
      if (next[i] < tokens.length) previous[next[i]] = i;
      add(i);
      add(previous[i]);
    }
    return tokens.filter((token) => token !== GONE);
  }

  /** Infinity for a pair that is never merged, and for a last token, which has nothing to its right. */
  #rank(left: number, right: number | undefined): number {
    return right === undefined ? Infinity : (this.#ranks.get(pairKey(left, right)) ?? Infinity);
  }
}

const SHORT = 32;
const PLACES = 2 ** 31;
const GONE = -1;
