import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString, awkward } from "../../tests/10-tokenization/texts.fixture.ts";
import { BPETokenizer } from "./bpe.ts";

const verse = "She sells sea shells by the sea shore. The shells she sells are sea shells, I'm sure. ";
const END = "<|endoftext|>";
const trained = BPETokenizer.train(verse.repeat(3), { specialTokens: [END, "<|end|>"] });
const piecesOf = (tokenizer: BPETokenizer, text: string): string[] =>
  Array.from(tokenizer.encode(text), (id) => tokenizer.decode([id]));

describe("BPETokenizer.train", () => {
  it("makes frequent words one token, and spells new ones in pieces", () => {
    expect(trained.vocabSize).toBe(285); // no pair is left
    expect(piecesOf(trained, "She sells sea shells")).toEqual(["She", " sells", " sea", " shells"]);
    expect(piecesOf(trained, " seashore")).toEqual([" sea", "s", "ho", "re"]);
    expect([...trained.encode("Zoo")]).toEqual([90, 111, 111]); // never seen: its bytes
  });

  it("stops where no pair occurs twice", () => {
    expect(BPETokenizer.train("abab").vocabSize).toBe(257); // ab; abab occurs once
    expect(BPETokenizer.train("").vocabSize).toBe(256);
    expect(BPETokenizer.train("ab", { minCount: 1 }).vocabSize).toBe(257);
  });

  it("learns nothing across texts, words or special tokens", () => {
    const tokenizer = BPETokenizer.train(["ab", "ab", `a${END}b${END}a`], { specialTokens: [END] });
    expect(piecesOf(tokenizer, "abab")).toEqual(["ab", "ab"]);
    expect(tokenizer.vocabSize).toBe(258);
  });

  it("refuses sizes and special tokens that are none", () => {
    const train = (options: object) => () => BPETokenizer.train("text", options);
    expect(train({ vocabSize: 256, specialTokens: [END] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BPETokenizer.train: vocabSize 256 with 1 special tokens — an integer of at least 257: 256 bytes and the special tokens]`,
    );
    expect(train({ vocabSize: 300.5 })).toThrowError("vocabSize 300.5");
    expect(train({ minCount: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BPETokenizer.train: minCount 0 — a number of at least 1]`,
    );
    expect(train({ specialTokens: [END, END] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BPETokenizer.train: special token "<|endoftext|>" at position 1 — special tokens are different texts of several characters, such as "<|endoftext|>"]`,
    );
    expect(train({ specialTokens: ["a"] })).toThrowError('special token "a" at position 0');
    // @ts-expect-error: what JavaScript lets through
    expect(() => BPETokenizer.train(undefined)).toThrowError("BPETokenizer.train: got undefined");
    // @ts-expect-error: what JavaScript lets through
    expect(() => BPETokenizer.train([1])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: BPETokenizer.train: got number 1 — the text is a string]`,
    );
  });
});

describe("BPETokenizer.encode and decode", () => {
  it("give every string back", () => {
    fc.assert(
      fc.property(fc.oneof(anyString, awkward), (text) => trained.decode(trained.encode(text)) === text),
    );
    fc.assert(
      fc.property(awkward, (text) => trained.decode(trained.encode(text, { specialTokens: true })) === text),
    );
  });

  it("take special tokens for text unless they are asked for", () => {
    const text = `sea${END}${END} sea<|end|>`;
    const ids = trained.encode(text, { specialTokens: true });
    const [withSpace] = trained.encode(" sea");
    expect([...ids]).toEqual([...trained.encode("sea"), 283, 283, withSpace, 284]);
    expect([...trained.specialTokens]).toEqual([
      [END, 283],
      ["<|end|>", 284],
    ]);
    expect(trained.encode(text)).not.toContain(283);
    expect(trained.decode(ids)).toBe(text);
    expect(trained.decode(ids, { skipSpecialTokens: true })).toBe("sea sea");
  });

  it("merge a special token's name whole, the longer of two", () => {
    const tokenizer = BPETokenizer.train("", { specialTokens: ["[a", "[a]", "(+"] });
    expect([...tokenizer.encode("[a][a(+", { specialTokens: true })]).toEqual([257, 256, 258]);
  });

  it("are quick on one long word: no pair is looked at again and again", () => {
    const tokenizer = BPETokenizer.train("ab".repeat(1000), { vocabSize: 262 });
    expect(tokenizer.encode("ab".repeat(200_000)).length).toBe(6250); // 64 bytes each
  });

  it("keep bytes that end within a character", () => {
    const [first, ...rest] = trained.encode("😀");
    expect(trained.decode([first])).toBe("\ufffd");
    const decoder = new TextDecoder();
    const texts = [[first], rest].map((ids) => decoder.decode(trained.decodeBytes(ids), { stream: true }));
    expect(texts).toEqual(["", "😀"]);
  });

  it("refuse ids out of the vocabulary, with their position", () => {
    expect(() => trained.decode([1, 2, 285])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BPETokenizer.decode: id 285 at position 2 — ids are integers from 0 to 284]`,
    );
    for (const id of [-1, 1.5, NaN]) expect(() => trained.decode([id])).toThrowError(RangeError);
    expect(() => trained.decodeBytes([284, 285])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BPETokenizer.decodeBytes: id 285 at position 1 — ids are integers from 0 to 284]`,
    );
    // @ts-expect-error: what JavaScript lets through
    expect(() => trained.encode(undefined)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: BPETokenizer.encode: got undefined — the text is a string]`,
    );
    // @ts-expect-error: what JavaScript lets through
    expect(() => trained.decode(7)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: BPETokenizer.decode: got number 7 — ids are a list of integers]`,
    );
  });
});
