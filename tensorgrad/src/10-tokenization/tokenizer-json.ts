import { FormatError } from "../00-runtime/index.ts";
import { brief, type Fields, isFields, parseFields } from "./json.ts";
import { checkId, readMerges, readPieces, readVocab, spelledVocabulary } from "./vocab-merges.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The stage that turns bytes into printable characters and back; the only one that is read or written here. */
const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

/** `tokenizer.json`, the form of Hugging Face's tokenizers. */
export function tokenizerJson(vocabulary: Vocabulary): string {
  const { vocab, merges } = spelledVocabulary(vocabulary);
  const added = [...vocabulary.specialTokens].map(([content, id]) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  }));
  const model = {
    ...{
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
    },
    ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab, merges },
  };
  const stages = { normalizer: null, pre_tokenizer: BYTE_LEVEL, post_processor: null, decoder: BYTE_LEVEL };
  const file = { version: "1.0", truncation: null, padding: null, added_tokens: added, ...stages, model };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * Reads such a file if its ids would be the same here: byte-level BPE with GPT-2's words. `truncation` and `padding`
 * concern batches and are passed over.
 *
 * Throws  FormatError that names the field
 */
export function readTokenizerJson(text: string, call: string): Vocabulary {
  const file = parseFields(text, call);
  const { model } = file;
  if (!isFields(model))
    throw new FormatError(
      `${call}: model is ${brief(model)} — an object was expected; this is no tokenizer.json`,
    );
  checkStages(file, call);
  checkModel(model, call);
  const { vocab, merges } = model;
  if (!isFields(vocab) || !Array.isArray(merges)) {
    throw new FormatError(
      `${call}: model.vocab is ${brief(vocab)}, model.merges ${brief(merges)} — an object and a list`,
    );
  }
  const ids = readVocab(vocab, `${call}: model.vocab`);
  const specialTokens = readAdded(file.added_tokens ?? [], ids, call);
  return {
    pieces: readPieces(ids, specialTokens, `${call}: model.vocab`),
    merges: readMerges(merges, ids, (i) => `${call}: model.merges[${i}]`),
    specialTokens,
  };
}

/** Every stage but the model: none changes the text or adds ids, and words are GPT-2's. */
function checkStages(file: Fields, call: string): void {
  const { normalizer, pre_tokenizer: words, post_processor: after, decoder } = file;
  const none = (stage: unknown): boolean => stage === null || stage === undefined;
  const byteLevel = (stage: unknown): stage is Fields => isFields(stage) && stage.type === "ByteLevel";
  const gpt2 = byteLevel(words) && words.add_prefix_space !== true && words.use_regex !== false;
  const checks: [field: string, right: boolean, rule: string][] = [
    ["normalizer", none(normalizer), "null: a text is encoded as it is"],
    ["pre_tokenizer", gpt2, `GPT-2's words: ${JSON.stringify(BYTE_LEVEL)}`],
    ["post_processor", none(after) || byteLevel(after), "null: nothing is added to the ids"],
    ["decoder", byteLevel(decoder), 'bytes: {"type":"ByteLevel"}'],
  ];
  for (const [field, right, rule] of checks) {
    refuseUnless(right, call, field, file[field], `what is read here is ${rule}`);
  }
}

/** What would give other ids: each field with the values that do not. */
const NEUTRAL: Fields = {
  type: ["BPE", undefined],
  dropout: [null, 0, undefined],
  continuing_subword_prefix: [null, "", undefined],
  end_of_word_suffix: [null, "", undefined],
  byte_fallback: [false, undefined],
  ignore_merges: [false, undefined],
};

function checkModel(model: Fields, call: string): void {
  for (const [field, values] of Object.entries(NEUTRAL)) {
    const rule = `only ${brief((values as unknown[])[0])} is read here, byte-level BPE as GPT-2's`;
    refuseUnless((values as unknown[]).includes(model[field]), call, `model.${field}`, model[field], rule);
  }
}

function refuseUnless(right: boolean, call: string, field: string, value: unknown, rule: string): void {
  if (!right) throw new FormatError(`${call}: ${field} is ${brief(value)} — ${rule}`);
}

function readAdded(added: unknown, ids: ReadonlyMap<string, number>, call: string): Map<string, number> {
  if (!Array.isArray(added)) throw new FormatError(`${call}: added_tokens is ${brief(added)} — a list`);
  const owners = new Map([...ids].map(([token, id]) => [id, token]));
  const marks = new Map<string, number>();
  for (const [i, token] of added.entries()) {
    const field = `added_tokens[${i}]`;
    const { content, id } = readMark(token, call, field);
    if ((owners.get(id) ?? content) !== content || (ids.get(content) ?? id) !== id) {
      const rule = "one id, one text, in model.vocab and added_tokens alike";
      throw new FormatError(`${call}: ${field} gives ${brief(content)} the id ${id} — ${rule}`);
    }
    owners.set(id, content);
    marks.set(content, id);
  }
  return marks;
}

function readMark(token: unknown, call: string, field: string): { content: string; id: number } {
  if (!isFields(token) || typeof token.content !== "string" || token.content === "") {
    throw new FormatError(`${call}: ${field} is ${brief(token)} — an object with content and id`);
  }
  const { content, id } = token;
  checkId(`${call}: ${field}`, content, id);
  for (const flag of ["single_word", "lstrip", "rstrip"]) {
    const rule = "a special token is found whatever stands beside it";
    refuseUnless(token[flag] !== true, call, `${field}.${flag}`, token[flag], rule);
  }
  return { content, id };
}
