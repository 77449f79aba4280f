/** What turns text into numbers and back. `decode(encode(text))` is the text again. */
export interface Tokenizer {
  /** Ids go from 0 to vocabSize − 1. */
  readonly vocabSize: number;
  /** The ids of a text. */
  encode(text: string): Int32Array;
  /** The text of ids. */
  decode(ids: ArrayLike<number>): string;
}

export function checkText(call: string, text: unknown): asserts text is string {
  if (typeof text !== "string") throw new TypeError(`${call}: got ${given(text)} — the text is a string`);
}

/** Throws  RangeError for the first id that has no token, with its position */
export function checkIds(call: string, ids: ArrayLike<number>, tokens: readonly unknown[]): void {
  if (typeof ids !== "object" || typeof ids?.length !== "number") {
    throw new TypeError(`${call}: got ${given(ids)} — ids are a list of integers`);
  }
  for (let i = 0; i < ids.length; i++) {
    if (tokens[ids[i]] !== undefined) continue;
    const leftOut = Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < tokens.length;
    const rule = leftOut ? "no token has this id" : `ids are integers from 0 to ${tokens.length - 1}`;
    throw new RangeError(`${call}: id ${ids[i]} at position ${i} — ${rule}`);
  }
}

const given = (value: unknown): string =>
  value === undefined || value === null ? String(value) : `${typeof value} ${JSON.stringify(value)}`;
