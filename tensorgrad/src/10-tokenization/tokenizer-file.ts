import { statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expectArgument, expectPath, FormatError } from "../00-runtime/index.ts";
import { checkRegularFile, writeDurably } from "../00-runtime/node.ts";
import { BPETokenizer } from "./bpe.ts";

/** The vocabularies of the largest models take 20 MB. */
const LARGEST = 2 ** 28;

/** Writes a `tokenizer.json`. The file appears whole or not at all. */
export async function saveTokenizer(path: string, tokenizer: BPETokenizer): Promise<void> {
  expectPath("saveTokenizer", path);
  expectArgument(
    tokenizer instanceof BPETokenizer,
    "saveTokenizer",
    "tokenizer",
    tokenizer,
    "a BPETokenizer",
  );
  await writeDurably(path, tokenizer.save());
}

/**
 * Reads a `tokenizer.json`, or a folder of a model that holds one, or GPT-2's `vocab.json` and `merges.txt`.
 *
 * Throws  FormatError if there is none, or it is damaged or of another kind
 */
export async function loadTokenizer(path: string): Promise<BPETokenizer> {
  expectPath("loadTokenizer", path);
  const call = `loadTokenizer(${JSON.stringify(path)})`;
  const kind = await stat(path).catch(() => null);
  if (kind && !kind.isDirectory()) checkRegularFile(path, call, { what: "a tokenizer.json", most: LARGEST });
  if (kind?.isFile()) return BPETokenizer.load(await readFile(path, "utf8"), call);
  const [json, vocab, merges] = await Promise.all(
    ["tokenizer.json", "vocab.json", "merges.txt"].map((name) => textOf(join(path, name))),
  );
  if (json !== null) return BPETokenizer.load(json, `${call}: tokenizer.json`);
  if (vocab !== null && merges !== null) return BPETokenizer.fromVocab(vocab, merges, call);
  const found = kind
    ? "the folder has no tokenizer.json, nor both of vocab.json and merges.txt"
    : "nothing is there";
  throw new FormatError(`${call}: ${found} — expected a tokenizer.json, or the folder of a model`);
}

/** The content, or null if there is no such file. */
async function textOf(path: string): Promise<string | null> {
  if (!statSync(path, { throwIfNoEntry: false })) return null;
  checkRegularFile(path, `loadTokenizer(${JSON.stringify(path)})`, {
    what: "a tokenizer's file",
    most: LARGEST,
  });
  return readFile(path, "utf8");
}
