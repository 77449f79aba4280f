import TinyQueue from "tinyqueue";
import { joined, toBytes } from "./bytes.ts";
import { type Merge, pairKey } from "./merges.ts";

/** Two neighbouring tokens, how often they occur, and where they were seen; some of the places may be out of date. */
interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  readonly places: number[];
}

interface Candidate {
  readonly pair: Pair;
  /** The pair's count when it was queued. */
  readonly count: number;
}

const END = -1;

/**
 * Distinct words as rows of tokens, each with its number of occurrences; and for each pair of neighbours its count.
 *
 * A merge changes pairs only where it happens. So it visits the places of its pair and mends the counts of the pairs to
 * the left and right, instead of counting the text anew.
 */
class PairCounts {
  readonly #tokens: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** How often the word at this place occurs. */
  readonly #weight: Float64Array;
  readonly #pairs = new Map<number, Pair>();
  readonly #queue = new TinyQueue<Candidate>([], inOrder);

  constructor(words: ReadonlyMap<string, number>) {
    const rows = Array.from(words, ([word, count]) => ({ bytes: toBytes(word), count }));
    const size = rows.reduce((sum, { bytes }) => sum + bytes.length, 0);
    [this.#tokens, this.#next, this.#previous] = [0, 0, 0].map(() => new Int32Array(size));
    this.#weight = new Float64Array(size);
    let start = 0;
    for (const { bytes, count } of rows) {
      const end = start + bytes.length;
      this.#tokens.set(bytes, start);
      this.#weight.fill(count, start, end);
      for (let i = start; i < end; i++) {
        this.#previous[i] = i > start ? i - 1 : END;
        this.#next[i] = i + 1 < end ? i + 1 : END;
      }
      start = end;
    }
    const seen = new Set<Pair>();
    for (let i = 0; i < size; i++) this.#count(i, seen);
    for (const pair of seen) this.#queue.push({ pair, count: pair.count });
  }

  /** The most frequent pair, of equals the one with the lowest ids, or null where every word is one token. */
  best(): Pair | null {
    for (let top = this.#queue.pop(); top !== undefined; top = this.#queue.pop()) {
      const { pair, count } = top;
      if (pair.count === count && count > 0) return pair;
      if (pair.count > 0) this.#queue.push({ pair, count: pair.count }); // it was queued before merges took some
    }
    return null;
  }

  /** Puts `made` wherever the pair stands, from left to right. */
  // exercise: bpe-mend-counts
  merge(pair: Pair, made: number): void {
    const [tokens, next, previous] = [this.#tokens, this.#next, this.#previous];
    const grown = new Set<Pair>();
    this.#pairs.delete(pairKey(pair.left, pair.right));
    for (const i of pair.places) {
      const j = next[i];
      if (tokens[i] !== pair.left || j === END || tokens[j] !== pair.right) continue;
      this.#forget(previous[i]);
      this.#forget(j);
      tokens[i] = made;
      tokens[j] = END;
      next[i] = next[j];
      if (next[i] !== END) previous[next[i]] = i;
      this.#count(previous[i], grown);
      this.#count(i, grown);
    }
    for (const grew of grown) if (grew.count > 0) this.#queue.push({ pair: grew, count: grew.count });
  }

  /** One more pair, at place i and its neighbour to the right. */
  #count(i: number, grown: Set<Pair>): void {
    if (i === END || this.#next[i] === END) return;
    const [left, right] = [this.#tokens[i], this.#tokens[this.#next[i]]];
    const key = pairKey(left, right);
    const pair = this.#pairs.get(key) ?? { left, right, count: 0, places: [] };
    this.#pairs.set(key, pair);
    pair.count += this.#weight[i];
    pair.places.push(i);
    grown.add(pair);
  }

  /** One less. Its place stays in the list, and is recognised by its tokens. */
  #forget(i: number): void {
    if (i === END || this.#next[i] === END) return;
    const pair = this.#pairs.get(pairKey(this.#tokens[i], this.#tokens[this.#next[i]]));
    if (pair) pair.count -= this.#weight[i];
  }
}

function inOrder(a: Candidate, b: Candidate): number {
  return b.count - a.count || a.pair.left - b.pair.left || a.pair.right - b.pair.right;
}

/** Tokens as bytes, by id, and the merges that make them. */
export interface Learned {
  readonly pieces: Uint8Array[];
  readonly merges: Merge[];
}

/**
 * Starts with the 256 bytes, and makes the most frequent pair of neighbours a token until there are `size` of them or no
 * pair occurs `minCount` times.
 */
export function learn(words: ReadonlyMap<string, number>, size: number, minCount: number): Learned {
  const pieces: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const merges: Merge[] = [];
  const counts = new PairCounts(words);
  while (pieces.length < size) {
    const pair = counts.best();
    if (!pair || pair.count < minCount) break;
    const { left, right } = pair;
    // A piece is made once: the merges before cut its letters alike wherever they stand, so each place has this pair.
    const made = pieces.push(joined([pieces[left], pieces[right]])) - 1;
    merges.push({ left, right, made });
    counts.merge(pair, made);
  }
  return { pieces, merges };
}
