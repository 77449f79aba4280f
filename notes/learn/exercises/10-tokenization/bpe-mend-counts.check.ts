import assert from "node:assert/strict";
import { Random } from "tensorgrad";
import { BPETokenizer } from "tensorgrad/text";
import type { Checks, Probes } from "../../exercise.ts";

/** What the merges of these words make, in their order. */
function learned(words: readonly string[], merges: number): string[] {
  const tokenizer = BPETokenizer.train(words, { vocabSize: 256 + merges });
  return Array.from({ length: tokenizer.vocabSize - 256 }, (_, i) => tokenizer.decode([256 + i]));
}

/** The same by counting all pairs anew before each merge. */
function recounted(words: readonly string[], merges: number): string[] {
  const pieces = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  let rows = words.map((word) => Array.from(word, (letter) => letter.charCodeAt(0)));
  while (pieces.length < 256 + merges) {
    const counts = new Map<number, number>();
    for (const row of rows)
      for (let i = 1; i < row.length; i++) {
        const key = row[i - 1] * 1000 + row[i];
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    const [[key, count] = [0, 0]] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
    if (count < 2) break;
    const [left, right, made] = [Math.floor(key / 1000), key % 1000, pieces.length];
    pieces.push(pieces[left] + pieces[right]);
    rows = rows.map((row) => {
      const merged: number[] = [];
      for (const token of row)
        if (merged.at(-1) === left && token === right) merged[merged.length - 1] = made;
        else merged.push(token);
      return merged;
    });
  }
  return pieces.slice(256);
}

const same = (words: readonly string[], merges: number) =>
  assert.deepEqual(
    learned(words, merges),
    recounted(words, merges),
    `merges of ${words.slice(0, 6).join(", ")}`,
  );

/** Words of a few letters, drawn with a seed. */
function drawn(seed: number, letters: string, count: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + random.integer(9) }, () => letters[random.integer(letters.length)]).join(""),
  );
}

export const checks: Checks = {
  "the example by hand of note 10": () =>
    assert.deepEqual(
      learned(["hug hug hug pug pug hugs"], 100),
      ["ug", "hug", " hug", " p", " pug"],
      "hug hug hug pug pug hugs",
    ),
  "letters that repeat": () => same(["aaaaaaa", "aaaa", "aaab", "baaab", "aaaaa"], 5),
  "words at random: the same as counting anew": () => {
    for (const seed of [1, 2, 3]) same(drawn(seed, "abc", 30), 30);
  },
};

export const probes: Probes = () => [
  ...learned(["aaaaaaa", "baaab"], 5),
  ...learned(drawn(4, "abcd", 40), 25),
];
