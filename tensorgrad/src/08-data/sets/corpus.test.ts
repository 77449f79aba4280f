import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Corpus } from "./corpus.ts";

describe("Corpus", () => {
  it("numbers characters by their place in the sorted alphabet", () => {
    const text = new Corpus("banana!");
    expect(text.alphabet).toBe("!abn");
    expect([...text.ids()]).toEqual([2, 1, 3, 1, 3, 1, 0]);
    expect([...text.ids("nab")]).toEqual([3, 1, 2]);
    expect(() => text.ids("c")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Corpus.ids: "c" (U+0063) at position 0 — the alphabet has 4 characters, not this one; give the alphabet of a larger text]`,
    );
  });

  it("splits without losing a character; both parts keep the alphabet", () => {
    const [train, validation] = new Corpus("abcdefghij").split();
    expect([train.text, validation.text]).toEqual(["abcdefghi", "j"]);
    expect([...validation.ids()]).toEqual([9]);
    expect(() => new Corpus("").split(2)).toThrowError(RangeError);
  });

  it("counts code points one way throughout", () => {
    const text = new Corpus("a😀b");
    expect([text.length, text.ids().length, text.alphabet]).toEqual([3, 3, "ab😀"]);
    expect(text.split(2 / 3).map((part) => part.text)).toEqual(["a😀", "b"]);
    const unit = fc.oneof(
      fc.constantFrom("a", "😀", "\ud83d", "\ude00", "\uffff"),
      fc.string({ unit: "binary" }),
    );
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.string({ unit }), share, (all, share) => {
        const whole = new Corpus(all);
        const [first, second] = whole.split(share);
        expect(whole.length).toBe([...all].length);
        expect(whole.ids().length).toBe(whole.length);
        expect(first.text + second.text === all).toBe(true);
        expect(first.length).toBe(Math.floor(whole.length * share));
        expect([...first.ids(), ...second.ids()]).toEqual([...whole.ids()]);
        expect(first.length + second.length).toBe(whole.length);
      }),
    );
  });
});
