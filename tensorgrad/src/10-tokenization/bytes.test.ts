import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString } from "../../tests/10-tokenization/texts.fixture.ts";
import { fromBytes, spelled, toBytes, unspelled } from "./bytes.ts";

describe("bytes of a text", () => {
  it("are UTF-8", () => {
    expect([...toBytes("aé漢😀")]).toEqual([0x61, 0xc3, 0xa9, 0xe6, 0xbc, 0xa2, 0xf0, 0x9f, 0x98, 0x80]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(toBytes(text)).toEqual(new TextEncoder().encode(text));
      }),
    );
  });

  it("give every string back, halves of surrogate pairs and a first U+FEFF too", () => {
    fc.assert(fc.property(anyString, (text) => fromBytes(toBytes(text)) === text));
    expect(fromBytes(toBytes("\ufeff\ud83d a\ude00"))).toBe("\ufeff\ud83d a\ude00");
  });

  it("become U+FFFD where they are no text, as TextDecoder has it", () => {
    const bytes = fc.uint8Array({ max: 0xff }).filter((all) => !all.includes(0xed)); // 0xed may begin a lone half
    fc.assert(
      fc.property(
        bytes,
        (all) => fromBytes(all) === new TextDecoder("utf-8", { ignoreBOM: true }).decode(all),
      ),
    );
    expect(fromBytes(Uint8Array.of(0x61, 0xed))).toBe("a\ufffd");
    expect(fromBytes(Uint8Array.of(0xed, 0xa0))).toBe("\ufffd\ufffd");
  });

  it("are spelled in files as GPT-2 does", () => {
    expect(spelled(toBytes(" the\n"))).toBe("ĠtheĊ");
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(new Set(spelled(all)).size).toBe(256);
    expect(spelled(all)).toMatch(/^[^\s]+$/);
    expect(unspelled(spelled(all))).toEqual(all);
    expect(unspelled("▁the")).toBeNull();
  });
});
