import assert from "node:assert/strict";
import { BPETokenizer } from "tensorgrad/text";
import type { Checks, Probes } from "../../exercise.ts";

const END = "<|end|>";
const tokenizer = () => BPETokenizer.train("", { vocabSize: 257, specialTokens: [END] });

/** A text there and back. */
function back(text: string): string {
  const made = tokenizer();
  return made.decode(made.encode(text));
}
function withEnd(skipSpecialTokens: boolean): string {
  const made = tokenizer();
  return made.decode(made.encode(`é${END}😀`, { specialTokens: true }), { skipSpecialTokens });
}

export const checks: Checks = {
  "characters of several bytes come back": () => {
    for (const text of ["é", "😀", "naïve 中文"]) assert.equal(back(text), text, `"${text}" there and back`);
  },
  "special tokens stay unless they are skipped": () => {
    assert.equal(withEnd(false), `é${END}😀`, "without the option");
    assert.equal(withEnd(true), "é😀", "with { skipSpecialTokens: true }");
  },
};

export const probes: Probes = () => [back("é😀"), withEnd(false), withEnd(true)];
