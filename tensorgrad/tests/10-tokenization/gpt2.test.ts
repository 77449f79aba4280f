import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BPETokenizer } from "../../src/10-tokenization/bpe.ts";
import { huggingFace, mergesTxt, tiktoken, vocabJson } from "./gpt2.fixture.ts";
import { awkward } from "./texts.fixture.ts";

const gpt2 = BPETokenizer.fromVocab(vocabJson, mergesTxt);
const theirs = huggingFace(gpt2.save());
const END = "<|endoftext|>";

describe("GPT-2's vocabulary", () => {
  it("gives GPT-2's ids", () => {
    expect(gpt2.vocabSize).toBe(50_257);
    expect([...gpt2.specialTokens]).toEqual([[END, 50_256]]);
    expect([...gpt2.encode("Hello, world!")]).toEqual([15496, 11, 995, 0]);
    expect([...gpt2.encode(`To be${END}`, { specialTokens: true })]).toEqual([2514, 307, 50256]);
  });

  it("gives the ids of js-tiktoken and @huggingface/tokenizers for any text", () => {
    // Both encode bytes of UTF-8, which a half of a surrogate pair has not: they read it as U+FFFD.
    const text = awkward.map((awkward) => awkward.replace(/\p{Surrogate}/gu, "\ufffd"));
    fc.assert(
      fc.property(text, (text) => {
        const ids = [...gpt2.encode(text)];
        expect(ids).toEqual(tiktoken.encode(text, [], []));
        expect([...gpt2.encode(text, { specialTokens: true })]).toEqual(tiktoken.encode(text, "all"));
        expect([...gpt2.encode(text, { specialTokens: true })]).toEqual(theirs.encode(text).ids);
        expect(gpt2.decode(ids) === text).toBe(true); // js-tiktoken loses a first U+FEFF
      }),
      { numRuns: 500 },
    );
  });

  it("comes back from the file it is saved as", () => {
    const again = BPETokenizer.load(gpt2.save());
    expect(again.vocabSize).toBe(gpt2.vocabSize);
    expect(again.save() === gpt2.save()).toBe(true);
    fc.assert(
      fc.property(awkward, (text) => {
        expect(again.encode(text, { specialTokens: true })).toEqual(
          gpt2.encode(text, { specialTokens: true }),
        );
      }),
    );
  });
});

describe("a vocabulary of our own", () => {
  const own = BPETokenizer.train("the cat sat on the mat, the cat that sat. ".repeat(4), {
    vocabSize: 290,
    specialTokens: [END],
  });

  it("means the same to Hugging Face's tokenizer", () => {
    const reader = huggingFace(own.save());
    fc.assert(
      fc.property(awkward, (text) => {
        fc.pre(!/\p{Surrogate}/u.test(text));
        expect(reader.encode(text).ids).toEqual([...own.encode(text, { specialTokens: true })]);
      }),
    );
    expect(reader.decode([...own.encode("the cat 😀")])).toBe("the cat 😀");
  });
});
