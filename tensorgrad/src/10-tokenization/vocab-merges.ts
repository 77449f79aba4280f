import { FormatError } from "../00-runtime/index.ts";
import { joined, spelled, unspelled } from "./bytes.ts";
import { brief, type Fields, parseFields } from "./json.ts";
import type { Merge } from "./merges.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** No vocabulary in use has more; a typing error in an id must not reserve gigabytes. */
const MOST_IDS = 2 ** 22;

/** GPT-2's two files: `{"!": 0, …, "Ġthe": 262, …}` and lines such as `Ġ t`, the first merge first. */
export function readVocabAndMerges(vocab: string, merges: string, call: string): Vocabulary {
  const ids = readVocab(parseFields(vocab, `${call}: vocab.json`), `${call}: vocab.json`);
  const lines = merges.split(/\r?\n/);
  if (lines[0].startsWith("#version")) lines.shift();
  if (lines[lines.length - 1] === "") lines.pop();
  const list = readMerges(lines, ids, (i) => `${call}: merges.txt, merge ${i}`);
  const made = new Set(list.map((merge) => merge.made));
  const isSpecial = (token: string, id: number): boolean =>
    (unspelled(token)?.length ?? 0) !== 1 && !made.has(id);
  const specialTokens = new Map([...ids].filter(([token, id]) => isSpecial(token, id)));
  return { pieces: readPieces(ids, specialTokens, `${call}: vocab.json`), merges: list, specialTokens };
}

/** Ids by token. Each is an integer, and has one token. */
export function readVocab(vocab: Fields, call: string): Map<string, number> {
  const ids = new Map<string, number>();
  const tokens = new Map<number, string>();
  for (const [token, id] of Object.entries(vocab)) {
    checkId(call, token, id);
    const other = tokens.get(id);
    if (other !== undefined) {
      throw new FormatError(
        `${call}: ${brief(other)} and ${brief(token)} both have id ${id} — each token has its own`,
      );
    }
    tokens.set(id, token);
    ids.set(token, id);
  }
  return ids;
}

export function checkId(call: string, token: string, id: unknown): asserts id is number {
  if (Number.isInteger(id) && Number(id) >= 0 && Number(id) < MOST_IDS) return;
  throw new FormatError(
    `${call}: token ${brief(token)} has id ${brief(id)} — ids are integers from 0 to ${MOST_IDS - 1}`,
  );
}

/** The bytes of every token that is not special. */
export function readPieces(
  ids: ReadonlyMap<string, number>,
  specialTokens: ReadonlyMap<string, number>,
  call: string,
): (Uint8Array | undefined)[] {
  const pieces: (Uint8Array | undefined)[] = [];
  for (const [token, id] of ids) {
    if (specialTokens.has(token)) continue;
    const bytes = unspelled(token);
    if (!bytes || bytes.length === 0) {
      throw new FormatError(
        `${call}: token ${brief(token)} (id ${id}) — tokens are spelled in GPT-2's characters for bytes, such as "Ġthe"; ` +
          "this is no byte-level vocabulary",
      );
    }
    pieces[id] = bytes;
  }
  // Ids that are left out are undefined, not holes: a list with holes is slow.
  return Array.from(pieces);
}

/** Merges as `"Ġ t"` or `["Ġ", "t"]`. Both parts and what they make are tokens. */
export function readMerges(
  merges: readonly unknown[],
  ids: ReadonlyMap<string, number>,
  place: (i: number) => string,
): Merge[] {
  return merges.map((merge, i) => {
    const parts: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(parts) || parts.length !== 2 || parts.some((part) => typeof part !== "string")) {
      throw new FormatError(`${place(i)} is ${brief(merge)} — a merge is two tokens, such as "Ġ t"`);
    }
    const [left, right, made] = [parts[0], parts[1], parts[0] + parts[1]].map((token: string) => {
      const id = ids.get(token);
      if (id !== undefined) return id;
      throw new FormatError(
        `${place(i)}, ${brief(merge)}: ${brief(token)} is not in the vocabulary — both parts and their sum are tokens`,
      );
    });
    return { left, right, made };
  });
}

/** The tokens as files spell them, by id. */
export function spelledVocabulary({ pieces, merges }: Vocabulary) {
  const name = (id: number): string => spelled(pieces[id] ?? joined([]));
  return {
    vocab: Object.fromEntries(pieces.flatMap((piece, id) => (piece ? [[spelled(piece), id]] : []))),
    merges: merges.map(({ left, right }): [string, string] => [name(left), name(right)]),
  };
}
