import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString, awkward } from "../../tests/10-tokenization/texts.fixture.ts";
import { words } from "./pretokenize.ts";

describe("words", () => {
  it("takes the space before a word along, and leaves it one of several", () => {
    expect([...words("I've  seen 1,000 of\n\n them!")]).toEqual([
      ...["I", "'ve", " ", " seen", " 1", ",", "000", " of", "\n\n", " them", "!"],
    ]);
  });

  it("loses nothing of any string", () => {
    fc.assert(fc.property(fc.oneof(anyString, awkward), (text) => [...words(text)].join("") === text));
  });

  it("cuts two texts in turns", () => {
    const [one, other] = [words("a b c"), words("x y")];
    expect([one.next(), other.next(), one.next(), other.next()].map(({ value }) => value)).toEqual([
      ...["a", "x", " b", " y"],
    ]);
  });

  it("says where a text has no break at all", () => {
    const sky = `Stars: ${"✨".repeat(5_000_000)}`;
    expect(() => [...words(sky)]).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: words: a run of more than 4,000,000 symbols from position 6 — words are shorter; cut the text]`,
    );
  });
});
