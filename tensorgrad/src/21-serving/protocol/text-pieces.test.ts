import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BPETokenizer, CharTokenizer } from "../../10-tokenization/index.ts";
import { TextPieces } from "./text-pieces.ts";

/** Every byte is a token: a character of four bytes comes in four pieces. */
const bytes = BPETokenizer.train("", { vocabSize: 256 });

describe("TextPieces", () => {
  it("sends what is certain, and holds back what may be the beginning of a stop string", () => {
    const tokenizer = new CharTokenizer("abc\n ");
    const pieces = new TextPieces(tokenizer, ["\n\n"]);
    const sent = [...tokenizer.encode("a\nb\n\nc")].map((id) => pieces.push(id));
    expect(sent).toEqual(["a", "", "\nb", "", "", ""]);
    expect([pieces.finish(), pieces.stopped]).toEqual(["", true]);
  });

  it("gives back at the end what was held back", () => {
    const tokenizer = new CharTokenizer("ab\n");
    const pieces = new TextPieces(tokenizer, ["\n\n"]);
    const sent = [...tokenizer.encode("ab\n")].map((id) => pieces.push(id));
    expect([...sent, pieces.finish()].join("")).toBe("ab\n");
    expect(pieces.stopped).toBe(false);
  });

  it("never sends a part of a character", () => {
    const pieces = new TextPieces(bytes, []);
    const sent = [...bytes.encode("a😀é")].map((id) => pieces.push(id));
    expect(sent).toEqual(["a", "", "", "", "😀", "", "é"]);
  });

  it("sends, for any bytes and stop strings, the text up to the first stop string", () => {
    // Not 0xED: of half a surrogate pair, decoders make one sign or three, depending on what stands before it.
    const byte = fc.oneof(
      fc.constantFrom(...bytes.encode("ab😀é")),
      fc.nat(255).filter((id) => id !== 0xed),
    );
    const stop = fc.constantFrom("a", "ab", "ba", "aba", "😀", "é", "b😀", "\uFFFD");
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 30 }), fc.array(stop, { maxLength: 3 }), (ids, stops) => {
        const pieces = new TextPieces(bytes, stops);
        const sent: string[] = [];
        for (const id of ids) {
          sent.push(pieces.push(id));
          if (pieces.stopped) break;
        }
        sent.push(pieces.finish());
        const whole = bytes.decode(ids);
        const ends = stops.map((one) => whole.indexOf(one)).filter((at) => at >= 0);
        const expected = ends.length ? whole.slice(0, Math.min(...ends)) : whole;
        expect(sent.join("")).toBe(expected);
        expect(pieces.stopped).toBe(ends.length > 0);
      }),
      { numRuns: 2000 },
    );
  });
});
