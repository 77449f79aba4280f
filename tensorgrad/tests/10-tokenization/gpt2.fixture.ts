import { Tokenizer } from "@huggingface/tokenizers";
import { Tiktoken } from "js-tiktoken/lite";
import ranks from "js-tiktoken/ranks/gpt2";
import { spelled } from "../../src/10-tokenization/bytes.ts";

/** GPT-2's vocabulary as js-tiktoken packs it: bytes by rank. Its ranks are the ids. */
const pieces = ranks.bpe_ranks
  .split("\n")
  .filter(Boolean)
  .flatMap((line) => {
    const [, first, ...tokens] = line.split(" ");
    return tokens.map((token, i) => ({ id: Number(first) + i, name: spelled(Buffer.from(token, "base64")) }));
  });
const ids = new Map(pieces.map(({ id, name }) => [name, id]));

/**
 * The two parts that a token was merged from: what is left of its characters when pairs of lower ranks are merged.
 * Plain loops: nothing here is shared with what is tested.
 */
function partsOf(name: string, below: number): [string, string] {
  const parts = [...name];
  while (parts.length > 2) {
    const ranked = parts.slice(1).map((part, i) => ids.get(parts[i] + part) ?? Infinity);
    const best = ranked.indexOf(Math.min(...ranked));
    if (ranked[best] >= below) throw new Error(`${name}: no merge below ${below}`);
    parts.splice(best, 2, parts[best] + parts[best + 1]);
  }
  return [parts[0], parts[1]];
}

const END = ranks.special_tokens["<|endoftext|>"];
const merges = pieces.filter(({ name }) => name.length > 1).map(({ id, name }) => partsOf(name, id));

/** GPT-2's two files. */
export const vocabJson = JSON.stringify({ ...Object.fromEntries(ids), "<|endoftext|>": END });
export const mergesTxt = `#version: 0.2\n${merges.map((parts) => parts.join(" ")).join("\n")}\n`;

/** The same by OpenAI's tokenizer for JavaScript. */
export const tiktoken = new Tiktoken(ranks);

/** The same by Hugging Face's tokenizer for JavaScript, from the text of a `tokenizer.json`. */
export const huggingFace = (json: string): Tokenizer => new Tokenizer(JSON.parse(json), {});
