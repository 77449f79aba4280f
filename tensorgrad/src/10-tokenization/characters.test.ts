import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString } from "../../tests/10-tokenization/texts.fixture.ts";
import { CharTokenizer } from "./characters.ts";

describe("CharTokenizer", () => {
  it("numbers characters by their place in the sorted alphabet", () => {
    const tokenizer = new CharTokenizer("banana!");
    expect([tokenizer.alphabet, tokenizer.vocabSize]).toEqual(["!abn", 4]);
    expect(tokenizer.encode("nab")).toEqual(Int32Array.of(3, 1, 2));
    expect(tokenizer.decode([3, 1, 2])).toBe("nab");
    expect([tokenizer.encode("").length, tokenizer.decode([])]).toEqual([0, ""]);
  });

  it("counts code points, not halves of them", () => {
    const tokenizer = new CharTokenizer("a😀b\uffff");
    expect([...tokenizer.alphabet]).toEqual(["a", "b", "\uffff", "😀"]); // by code point: U+FFFF is below U+1F600
    expect([...tokenizer.encode("😀a😀")]).toEqual([3, 0, 3]);
  });

  it("gives every text back that is made of its alphabet", () => {
    fc.assert(
      fc.property(anyString, anyString, (text, more) => {
        const tokenizer = new CharTokenizer(`${text} ${more}`); // the space keeps two halves apart
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids) === text).toBe(true);
        expect(ids.length).toBe([...text].length);
      }),
    );
  });

  it("has the same numbers when it is made from its alphabet", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { alphabet } = new CharTokenizer(text);
        expect(new CharTokenizer(alphabet).alphabet === alphabet).toBe(true);
      }),
    );
  });

  it("names a character that is not in the alphabet, and where it stands", () => {
    const tokenizer = new CharTokenizer("To be, or not to be");
    expect(() => tokenizer.encode("not to 😀😀é")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CharTokenizer.encode: "😀" (U+1F600) at position 7, after "not to " — the alphabet has 9 characters, not this one; build it from more text, or pass { unknown: "?" } to replace such characters]`,
    );
    expect(() => tokenizer.encode("\u0007")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CharTokenizer.encode: "\\u0007" (U+0007) at position 0 — the alphabet has 9 characters, not this one; build it from more text, or pass { unknown: "?" } to replace such characters]`,
    );
  });

  it("replaces unknown characters by a chosen one, which leaves the other numbers alone", () => {
    const within = new CharTokenizer("abc", { unknown: "b" });
    expect([within.decode(within.encode("a😀cé")), within.vocabSize]).toEqual(["abcb", 3]);
    const beyond = new CharTokenizer("bcd", { unknown: "a" });
    expect([beyond.alphabet, beyond.decode(beyond.encode("bad"))]).toEqual(["bcda", "bad"]);
    expect(() => new CharTokenizer("abc", { unknown: "<unk>" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CharTokenizer: unknown "<unk>" — the replacement is one character]`,
    );
  });

  it("refuses ids that it has not", () => {
    const tokenizer = new CharTokenizer("abc");
    expect(() => tokenizer.decode([0, 1, 3])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CharTokenizer.decode: id 3 at position 2 — ids are integers from 0 to 2]`,
    );
    for (const id of [-1, 0.5, NaN, Infinity])
      expect(() => tokenizer.decode([id])).toThrowError(`id ${id} at`);
  });

  it("refuses what is no text, and what are no ids", () => {
    const tokenizer = new CharTokenizer("abc");
    // @ts-expect-error: what JavaScript lets through
    expect(() => tokenizer.encode(12)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: CharTokenizer.encode: got number 12 — the text is a string]`,
    );
    // @ts-expect-error: what JavaScript lets through
    expect(() => tokenizer.decode("abc")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: CharTokenizer.decode: got string "abc" — ids are a list of integers]`,
    );
  });
});
