import type { Tokenizer } from "../10-tokenization/index.ts";

/** A text, its ids, or several of either. */
export type Prompt = string | ArrayLike<number> | readonly string[] | readonly ArrayLike<number>[];

/** What is given back for a prompt: a text for a text, ids for ids. */
export type Continued<P extends Prompt> = P extends string
  ? string
  : P extends readonly string[]
    ? string[]
    : P extends ArrayLike<number>
      ? Int32Array
      : Int32Array[];

/** The ids of every prompt, and how what was generated is given back. */
export function readPrompt(prompt: Prompt, tokenizer: Tokenizer | undefined, vocabSize: number) {
  const single = typeof prompt === "string" || typeof prompt?.[0] === "number" || prompt?.length === 0;
  const list = (single ? [prompt] : Array.from(prompt as readonly Prompt[])) as (
    | string
    | ArrayLike<number>
  )[];
  const isText = list.every((one) => typeof one === "string");
  if (isText && !tokenizer)
    throw new TypeError("generate: a prompt of text without a tokenizer — pass { tokenizer }, or ids");
  const prompts = list.map((one, row) => {
    const ids = typeof one === "string" ? (tokenizer as Tokenizer).encode(one) : one;
    checkIds(ids, row, vocabSize);
    return Int32Array.from(ids);
  });
  const back = (ids: readonly Int32Array[]): unknown => {
    const all = isText ? ids.map((row) => (tokenizer as Tokenizer).decode(row)) : ids;
    return single ? all[0] : all;
  };
  return { prompts, back };
}

function checkIds(ids: ArrayLike<number>, row: number, vocabSize: number): void {
  if (ids.length === 0)
    throw new RangeError(
      `generate: prompt ${row} is empty — the model continues what is there; begin with a token, such as a line break`,
    );
  for (let i = 0; i < ids.length; i++) {
    if (Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < vocabSize) continue;
    throw new RangeError(
      `generate: id ${ids[i]} at position ${i} of prompt ${row} — ids are integers from 0 to ${vocabSize - 1}`,
    );
  }
}
