import { checked, Printed, settings } from "../00-runtime/index.ts";
import { fromBytes, joined, toBytes } from "./bytes.ts";
import { learn } from "./learn.ts";
import { Merges } from "./merges.ts";
import { words } from "./pretokenize.ts";
import { checkIds, checkText, type Tokenizer } from "./tokenizer.ts";
import { readTokenizerJson, tokenizerJson } from "./tokenizer-json.ts";
import { readVocabAndMerges } from "./vocab-merges.ts";
import { checkMarks, checkVocabulary, type Vocabulary } from "./vocabulary.ts";

export interface TrainOptions {
  /** Ids there shall be: 256 bytes, then merges, then special tokens. There are fewer if the text gives no more pairs. */
  readonly vocabSize?: number;
  readonly specialTokens?: readonly string[];
  /** A pair that occurs less often is not merged. */
  readonly minCount?: number;
}

export interface EncodeOptions {
  /**
   * Whether the text of a special token becomes that token. By default it is ordinary text: what a user types must not
   * end the document.
   */
  readonly specialTokens?: boolean;
}

export interface DecodeOptions {
  /** Whether special tokens are left out of the text. */
  readonly skipSpecialTokens?: boolean;
}

/** Words that are remembered with their ids. */
const CACHED_WORDS = 65_536;

/**
 * Byte-pair encoding: frequent words are one token, rare ones several, and what was never seen is spelled in bytes. So
 * every text has ids, and comes back from them.
 *
 *   const tokenizer = BPETokenizer.train(text, { vocabSize: 1024, specialTokens: ["<|endoftext|>"] });
 *   tokenizer.decode(tokenizer.encode("To be, or not to be")) === "To be, or not to be";
 *
 * Training starts with the 256 bytes and merges the most frequent pair of neighbours, again and again. Encoding cuts the
 * text into words by GPT-2's rule and applies the merges in the order in which they were learned.
 *
 * Shapes  a text ↔ a list of ids, at most one a byte
 * Cost    encode O(n) for words met before, O(w log w) for a new word of w bytes; train O(n + changes)
 * Source  Gage 1994; Sennrich, Haddow & Birch 2016; Radford et al. 2019 (bytes)
 */
export class BPETokenizer extends Printed implements Tokenizer {
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #vocabulary: Vocabulary;
  readonly #merges: Merges;
  /** The token of each byte. */
  readonly #byteIds: readonly number[];
  /** All tokens as bytes, special ones too. */
  readonly #pieces: readonly (Uint8Array | undefined)[];
  readonly #cache = new Map<string, readonly number[]>();

  constructor(vocabulary: Vocabulary, call = "BPETokenizer") {
    super();
    checkVocabulary(call, vocabulary);
    const { pieces, merges, specialTokens } = vocabulary;
    [this.#vocabulary, this.specialTokens] = [vocabulary, specialTokens];
    this.#merges = new Merges(merges);
    const byteIds = Array<number>(256);
    for (const [id, piece] of pieces.entries()) if (piece?.length === 1) byteIds[piece[0]] = id;
    this.#byteIds = byteIds;
    const all = [...pieces];
    for (const [text, id] of specialTokens) all[id] = toBytes(text);
    this.#pieces = all;
  }

  /** Learns merges from a text, or from several: no token crosses from one to the next. */
  static train(text: string | Iterable<string>, options: TrainOptions = {}): BPETokenizer {
    const {
      vocabSize = 1256,
      specialTokens = [],
      minCount = 2,
    } = checked("BPETokenizer.train", options, ["vocabSize", "specialTokens", "minCount"]);
    checkMarks("BPETokenizer.train", specialTokens);
    const size = vocabSize - specialTokens.length;
    if (!Number.isInteger(vocabSize) || size < 256) {
      throw new RangeError(
        `BPETokenizer.train: vocabSize ${vocabSize} with ${specialTokens.length} special tokens — an integer of at least ` +
          `${256 + specialTokens.length}: 256 bytes and the special tokens`,
      );
    }
    if (!(minCount >= 1)) {
      throw new RangeError(`BPETokenizer.train: minCount ${minCount} — a number of at least 1`);
    }
    const counts = new Map<string, number>();
    const one = typeof text === "string" || !(Symbol.iterator in Object(text));
    for (const part of one ? [text] : text) {
      checkText("BPETokenizer.train", part);
      for (const [ordinary] of cut(part, specialTokens)) {
        for (const word of words(ordinary)) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
    const { pieces, merges } = learn(counts, size, minCount);
    const marks = new Map(specialTokens.map((mark, i) => [mark, pieces.length + i]));
    return new BPETokenizer({ pieces, merges, specialTokens: marks }, "BPETokenizer.train");
  }

  /**
   * Reads the text of a `tokenizer.json`, as `save` and Hugging Face's tokenizers write it.
   *
   * Throws  FormatError for a damaged one, or one whose ids this class would not give
   */
  static load(json: string, call = "BPETokenizer.load"): BPETokenizer {
    checkText(call, json);
    return new BPETokenizer(readTokenizerJson(json, call), call);
  }

  /** Reads the texts of GPT-2's `vocab.json` and `merges.txt`. A token of several bytes that no merge makes is special. */
  static fromVocab(vocab: string, merges: string, call = "BPETokenizer.fromVocab"): BPETokenizer {
    for (const text of [vocab, merges]) checkText(call, text);
    return new BPETokenizer(readVocabAndMerges(vocab, merges, call), call);
  }

  /** The text of a `tokenizer.json`, which `load` and Hugging Face's tokenizers read. */
  save(): string {
    return tokenizerJson(this.#vocabulary);
  }

  get vocabSize(): number {
    return this.#pieces.length;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const { specialTokens = false } = checked("BPETokenizer.encode", options, ["specialTokens"]);
    checkText("BPETokenizer.encode", text);
    const ids: number[] = [];
    for (const [ordinary, mark] of cut(text, specialTokens ? [...this.specialTokens.keys()] : [])) {
      for (const word of words(ordinary)) for (const id of this.#idsOf(word)) ids.push(id);
      if (mark !== undefined) ids.push(this.specialTokens.get(mark) ?? 0);
    }
    return Int32Array.from(ids);
  }

  /** The text of ids. Where these end within a character, there stands U+FFFD; `decodeBytes` loses nothing. */
  // exercise: decode-find-halves
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const { skipSpecialTokens = false } = checked("BPETokenizer.decode", options, ["skipSpecialTokens"]);
    checkIds("BPETokenizer.decode", ids, this.#pieces);
    const marks = skipSpecialTokens ? new Set(this.specialTokens.values()) : new Set();
    return fromBytes(this.#bytesOf(Array.from(ids).filter((id) => !marks.has(id))));
  }

  /** The bytes of ids: for text that comes token by token, with `new TextDecoder().decode(bytes, { stream: true })`. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    checkIds("BPETokenizer.decodeBytes", ids, this.#pieces);
    return this.#bytesOf(Array.from(ids));
  }

  #bytesOf(ids: readonly number[]): Uint8Array {
    return joined(ids.map((id) => this.#pieces[id] ?? new Uint8Array()));
  }

  #idsOf(word: string): readonly number[] {
    const known = this.#cache.get(word);
    if (known) return known;
    const bytes = toBytes(word);
    const tokens: number[] = [];
    for (const byte of bytes) tokens.push(this.#byteIds[byte]);
    const ids = this.#merges.apply(tokens);
    if (this.#cache.size >= CACHED_WORDS) this.#cache.clear();
    // A part of a string keeps all of it alive. So the key is made anew, from the bytes.
    this.#cache.set(fromBytes(bytes), ids);
    return ids;
  }

  protected override describe(): string {
    return settings({ vocabSize: this.vocabSize, specialTokens: [...this.specialTokens.keys()] });
  }
}

/** A text cut at special tokens: ordinary text, and the special token behind it, if one follows. */
function cut(text: string, marks: readonly string[]): [ordinary: string, mark?: string][] {
  if (marks.length === 0) return [[text]];
  const longestFirst = [...marks].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((mark) => mark.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const parts = text.split(new RegExp(`(${escaped.join("|")})`));
  return Array.from({ length: (parts.length + 1) / 2 }, (_, i) => [parts[2 * i], parts[2 * i + 1]]);
}
