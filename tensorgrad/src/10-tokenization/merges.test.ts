import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { learn } from "./learn.ts";
import { Merges } from "./merges.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 60 });
const bytesOf = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

describe("Merges.apply", () => {
  it("goes by rank, not by place", () => {
    const merges = new Merges([
      { left: 1, right: 2, made: 12 },
      { left: 0, right: 1, made: 11 },
      { left: 0, right: 12, made: 13 },
    ]);
    expect(merges.apply([0, 1, 2])).toEqual([13]);
    expect(merges.apply([0, 1, 0, 1, 2])).toEqual([11, 13]);
    expect(merges.apply([2])).toEqual([2]);
    expect(merges.apply([])).toEqual([]);
  });

  it("is the same for short and long words", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), word, (texts, text) => {
        const { merges } = learn(new Map(texts.map((text) => [text, 2])), 300, 2);
        const table = new Merges(merges);
        expect(table.applyShort(bytesOf(text))).toEqual(table.applyLong(bytesOf(text)));
      }),
    );
  });

  it("joins a word of training into what training made of it", () => {
    const { pieces, merges } = learn(new Map([["banana bandana", 2]]), 300, 2);
    expect(new Merges(merges).apply(bytesOf("banana bandana"))).toEqual([pieces.length - 1]);
  });
});
