import type { HostArray } from "../../format/tensor-proto.ts";
import { floats, int, ints, required, text, texts } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { host, hostNumbers, hostOf, type Value } from "../values.ts";

interface NormalizerAttributes {
  readonly case_change_action: string;
  readonly is_case_sensitive: number;
  readonly locale: string | undefined;
  readonly stopwords: readonly string[];
}

/** Words without those that say nothing, in one case; an empty list becomes one empty word. */
function normalized(value: Value, a: NormalizerAttributes): HostArray {
  const x = hostOf(value);
  if (x.dtype !== "string" || x.shape.length > 2)
    throw new TypeError(`${x.dtype} with ${x.shape.length} dims — the operator takes one line of strings`);
  const locale = a.locale?.replace("_", "-") || "en-US";
  const folded = (word: string) => (a.is_case_sensitive ? word : word.toLocaleLowerCase(locale));
  const stopped = new Set(a.stopwords.map(folded));
  const kept = (x.data as string[]).filter((word) => !stopped.has(folded(word)));
  const changed = kept.map((word) => {
    if (a.case_change_action === "LOWER") return word.toLocaleLowerCase(locale);
    return a.case_change_action === "UPPER" ? word.toLocaleUpperCase(locale) : word;
  });
  const words = changed.length ? changed : [""];
  return host("string", x.shape.length === 2 ? [1, words.length] : [words.length], words);
}

interface GramAttributes {
  readonly max_gram_length: number;
  readonly min_gram_length: number;
  readonly max_skip_count: number;
  readonly mode: string;
  readonly ngram_counts: readonly number[];
  readonly ngram_indexes: readonly number[];
  readonly pool_int64s: readonly number[] | undefined;
  readonly pool_strings: readonly string[] | undefined;
  readonly weights: readonly number[] | undefined;
}

const keyOf = (items: readonly unknown[]): string => JSON.stringify(items.map(String));

/** The place of every gram in the pool: all of one item, then all of two, … */
function poolOf({ ngram_counts, pool_int64s, pool_strings }: GramAttributes): Map<string, number> {
  const pool: readonly (number | string)[] = pool_strings ?? pool_int64s ?? [];
  const places = new Map<string, number>();
  let place = 0;
  for (const [i, start] of ngram_counts.entries()) {
    const end = ngram_counts[i + 1] ?? pool.length;
    for (let at = start; at + i < end; at += i + 1) places.set(keyOf(pool.slice(at, at + i + 1)), place++);
  }
  return places;
}

/** How often each gram of the pool stands in a line; its items may lie apart by up to so many others. */
function countsIn(
  line: readonly unknown[],
  places: ReadonlyMap<string, number>,
  a: GramAttributes,
): Float64Array {
  const counts = new Float64Array(Math.max(0, ...a.ngram_indexes.map((i) => i + 1)));
  for (let n = a.min_gram_length; n <= a.max_gram_length; n++) {
    const most = n === 1 ? 0 : a.max_skip_count;
    for (let skip = 0; skip <= most; skip++) {
      const reach = (n - 1) * (skip + 1);
      for (let start = 0; start + reach < line.length; start++) {
        const gram = Array.from({ length: n }, (_, k) => line[start + k * (skip + 1)]);
        const place = places.get(keyOf(gram));
        if (place !== undefined) counts[a.ngram_indexes[place]]++;
      }
    }
  }
  return counts;
}

function gramCounts(value: Value, a: GramAttributes): HostArray {
  const { shape, data } = hostOf(value);
  const width = shape.at(-1) ?? 1;
  const rows = shape.length > 1 ? shape[0] : 1;
  const places = poolOf(a);
  const weights = new Map(a.ngram_indexes.map((index, place) => [index, a.weights?.[place] ?? 1]));
  const weighted = (count: number, i: number): number => {
    if (a.mode === "TF") return count;
    return (a.mode === "IDF" ? Math.min(count, 1) : count) * (weights.get(i) ?? 1);
  };
  const lines = Array.from({ length: rows }, (_, r) =>
    Array.from(data.slice(r * width, (r + 1) * width) as unknown[]),
  );
  const counts = lines.map((line) => Array.from(countsIn(line, places, a), weighted));
  const size = counts[0]?.length ?? 0;
  return hostNumbers("float32", shape.length > 1 ? [rows, size] : [size], counts.flat());
}

/** Words and counts of them. */
export const words: Family = {
  StringNormalizer: [
    op(
      10,
      "X",
      { case_change_action: text("NONE"), is_case_sensitive: int(0), locale: text(), stopwords: texts([]) },
      ([x], a) => normalized(x, a),
    ),
  ],
  TfIdfVectorizer: [
    op(
      9,
      "X",
      {
        max_gram_length: required(int()),
        min_gram_length: required(int()),
        max_skip_count: required(int()),
        mode: required(text()),
        ngram_counts: required(ints()),
        ngram_indexes: required(ints()),
        pool_int64s: ints(),
        pool_strings: texts(),
        weights: floats(),
      },
      ([x], a) => gramCounts(x, a),
    ),
  ],
};
