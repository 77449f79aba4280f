import assert from "node:assert/strict";
import { BPETokenizer } from "tensorgrad/text";
import type { Checks, Probes } from "../../exercise.ts";

const times = (word: string, count: number): string[] => Array<string>(count).fill(word);

/** Merges in this order: b·c, a·b, c·d, x·bc. */
const tokenizer = () =>
  BPETokenizer.train([...times("bc", 9), ...times("ab", 8), ...times("cd", 7), ...times("xbc", 3)]);

/** The pieces of a word, with bars between them. */
function cut(word: string): string {
  const made = tokenizer();
  return Array.from(made.encode(word), (id) => made.decode([id])).join("|");
}

export const checks: Checks = {
  "a lower rank goes before a place further left": () =>
    assert.equal(cut("abc"), "a|bc", "merges b·c, then a·b: the word abc"),
  "of overlapping pairs the one learned first wins": () =>
    assert.equal(cut("bcd"), "bc|d", "merges b·c, then c·d: the word bcd"),
  "new neighbours are merged, too": () =>
    assert.equal(cut("axbc"), "a|xbc", "merges b·c, then x·bc: the word axbc"),
};

export const probes: Probes = () => ["abc", "bcd", "axbc", "abcdabxbcd", "cdxbcab"].map(cut);
