import { fromArray } from "tensorgrad";
import type { TensorFile } from "tensorgrad/train";
import { asText, checkTokens, countRows } from "./ngrams.ts";

/**
 * How often every row of `order` tokens stands in a text, small enough for a page: 5 characters of Shakespeare's million are
 * 133,293 rows and 301 kB. Shorter rows follow from them without an error.
 *
 * As a file  the rows are numbers to the base vocabSize, sorted; each is written as its distance from the one before. Distances
 *            and counts are bytes of seven bits; the highest bit says that another follows
 */
export class RowCounts {
  readonly order: number;
  readonly vocabSize: number;
  readonly #rows: ReadonlyMap<string, number>;
  /** The first order − 1 tokens: shorter rows that end there are in no whole row. */
  readonly #head: string;

  private constructor(order: number, vocabSize: number, rows: ReadonlyMap<string, number>, head: string) {
    [this.order, this.vocabSize, this.#rows, this.#head] = [order, vocabSize, rows, head];
  }

  static of(tokens: ArrayLike<number>, vocabSize: number, order: number): RowCounts {
    checkTokens("RowCounts.of", tokens, vocabSize);
    if (!(Number.isInteger(order) && order >= 1 && vocabSize ** order <= Number.MAX_SAFE_INTEGER))
      throw new RangeError(
        `RowCounts.of: order ${order} — an integer ≥ 1, and few enough for a row to be one number`,
      );
    const text = asText(tokens);
    return new RowCounts(order, vocabSize, countRows(text, order), text.slice(0, order - 1));
  }

  /** Throws  RangeError for a file that holds something else */
  static from({ tensors: { rows, counts, head }, metadata }: TensorFile): RowCounts {
    const [order, vocabSize] = [Number(metadata.order), Number(metadata.vocabSize)];
    if (!rows || !counts || !head || !(order >= 1) || !(vocabSize >= 1))
      throw new RangeError(
        "RowCounts.from: no counted rows — the file has tensors rows, counts and head, and metadata order and vocabSize",
      );
    const [gaps, numbers] = [unpacked(rows.data), unpacked(counts.data)];
    const found = new Map<string, number>();
    let row = -1;
    for (const [i, gap] of gaps.entries()) {
      row += gap + 1;
      found.set(rowOf(row, vocabSize, order), numbers[i]);
    }
    return new RowCounts(order, vocabSize, found, asText(unpacked(head.data)));
  }

  toFile(): TensorFile {
    const sorted = [...this.#rows].map(([row, count]) => [numberOf(row, this.vocabSize), count] as const);
    sorted.sort(([a], [b]) => a - b);
    const gaps = sorted.map(([row], i) => row - (i === 0 ? -1 : sorted[i - 1][0]) - 1);
    return {
      tensors: {
        rows: bytes(packed(gaps)),
        counts: bytes(packed(sorted.map(([, count]) => count))),
        head: bytes(packed(tokensOf(this.#head))),
      },
      metadata: { order: String(this.order), vocabSize: String(this.vocabSize) },
    };
  }

  /** How often every row of `length` tokens stands in the text. Throws  RangeError for longer rows than were counted */
  rows(length: number): ReadonlyMap<string, number> {
    if (!(Number.isInteger(length) && length >= 1 && length <= this.order))
      throw new RangeError(`RowCounts.rows: length ${length} — an integer from 1 to ${this.order}`);
    if (length === this.order) return this.#rows;
    const shorter = new Map(countRows(this.#head, length));
    for (const [row, count] of this.#rows) {
      const end = row.slice(-length);
      shorter.set(end, (shorter.get(end) ?? 0) + count);
    }
    return shorter;
  }
}

const bytes = (list: readonly number[]) => fromArray(Uint8Array.from(list), [list.length]);

const tokensOf = (row: string): number[] => Array.from({ length: row.length }, (_, i) => row.charCodeAt(i)); // halves of a surrogate pair are two tokens

const numberOf = (row: string, base: number): number =>
  tokensOf(row).reduce((sum, token) => sum * base + token, 0);

function rowOf(number: number, base: number, length: number): string {
  const tokens = new Array<number>(length);
  let rest = number;
  for (let i = length - 1; i >= 0; i--) {
    tokens[i] = rest % base;
    rest = Math.floor(rest / base);
  }
  return asText(tokens);
}

function packed(numbers: readonly number[]): number[] {
  const list: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest > 127; rest = Math.floor(rest / 128)) list.push(128 + (rest % 128));
    list.push(rest);
  }
  return list;
}

function unpacked(list: ArrayLike<number | bigint>): number[] {
  const numbers: number[] = [];
  let [number, unit] = [0, 1];
  for (let i = 0; i < list.length; i++) {
    const byte = Number(list[i]);
    number += (byte % 128) * unit;
    unit *= 128;
    if (byte > 127) continue;
    numbers.push(number);
    [number, unit] = [0, 1];
  }
  return numbers;
}
