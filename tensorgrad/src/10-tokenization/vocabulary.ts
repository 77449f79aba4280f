import { expectArgument, FormatError, isList } from "../00-runtime/index.ts";
import { spelled } from "./bytes.ts";
import type { Merge } from "./merges.ts";

/** What a byte-level BPE tokenizer consists of, and what its files hold. */
export interface Vocabulary {
  /** The bytes of each token by its id. A file may leave ids out. */
  readonly pieces: readonly (Uint8Array | undefined)[];
  /** In the order of their ranks. */
  readonly merges: readonly Merge[];
  /** Marks such as `<|endoftext|>`, which no merge makes, with their ids. */
  readonly specialTokens: ReadonlyMap<string, number>;
}

/** Refuses what cannot encode every text, or what two tokens would share. */
export function checkVocabulary(call: string, vocabulary: Vocabulary): void {
  const fits =
    isList(vocabulary?.pieces) && isList(vocabulary.merges) && vocabulary.specialTokens instanceof Map;
  expectArgument(
    fits,
    call,
    "vocabulary",
    vocabulary,
    "{ pieces, merges, specialTokens }; BPETokenizer.load reads a file",
  );
  const { pieces, merges, specialTokens } = vocabulary;
  const ids = new Map(pieces.flatMap((piece, id) => (piece ? [[spelled(piece), id] as const] : [])));
  for (let byte = 0; byte < 256; byte++) {
    if (ids.has(spelled(Uint8Array.of(byte)))) continue;
    const name = `0x${byte.toString(16).padStart(2, "0")}`;
    throw new FormatError(
      `${call}: no token is the byte ${name} — all 256 are needed, so that every text has ids`,
    );
  }
  for (const [rank, merge] of merges.entries()) {
    const special = [merge.left, merge.right, merge.made].find((id) => pieces[id] === undefined);
    if (special === undefined) continue;
    throw new FormatError(
      `${call}: merge ${rank} takes part in the special token ${special} — no merge makes or uses one`,
    );
  }
  for (const [text, id] of specialTokens) {
    const ordinary = ids.get(text) ?? (pieces[id] && id);
    if (ordinary === undefined) continue;
    throw new FormatError(
      `${call}: special token ${JSON.stringify(text)} (id ${id}) is also the ordinary token ${ordinary} — ` +
        'each token has its own text and id; choose a text that no merge makes, such as "<|end|>"',
    );
  }
}

/** Special tokens as a user lists them. */
export function checkMarks(call: string, marks: readonly string[]): void {
  for (const [i, mark] of marks.entries()) {
    if (typeof mark === "string" && mark.length > 1 && marks.indexOf(mark) === i) continue;
    throw new RangeError(
      `${call}: special token ${JSON.stringify(mark)} at position ${i} — special tokens are different texts of several ` +
        'characters, such as "<|endoftext|>"',
    );
  }
}
