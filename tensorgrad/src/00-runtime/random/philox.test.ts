import { describe, expect, it } from "vitest";
import { philox } from "./philox.ts";

const words = (hex: string) => Uint32Array.from(hex.split(" "), (word) => Number.parseInt(word, 16));

// kat_vectors of the Random123 library: counter, key, expected block.
const knownAnswers = [
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
] as const;

describe("philox", () => {
  it("gives the published answers", () => {
    for (const [counter, key, block] of knownAnswers) {
      const out = new Uint32Array(4);
      const [key0, key1] = words(key);
      philox(words(counter), key0, key1, out);
      expect(out).toEqual(words(block));
    }
  });

  it("may write over its counter", () => {
    const block = words(knownAnswers[2][0]);
    const [key0, key1] = words(knownAnswers[2][1]);
    philox(block, key0, key1, block);
    expect(block).toEqual(words(knownAnswers[2][2]));
  });

  it("multiplies 32 by 32 bits exactly", () => {
    // One block per counter against the same rounds in BigInt.
    const out = new Uint32Array(4);
    for (let i = 0; i < 200; i++) {
      const counter = Uint32Array.of(i * 0x9e3779b1, ~i, i << 20, i ** 5);
      philox(counter, i, 77 * i, out);
      expect([...out]).toEqual(exactPhilox(counter, i, 77 * i));
    }
  });
});

function exactPhilox(counter: Uint32Array, key0: number, key1: number): number[] {
  const word = 0xffffffffn;
  let [c0, c1, c2, c3] = [...counter].map(BigInt);
  let [k0, k1] = [BigInt(key0), BigInt(key1)];
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & word,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & word,
    ];
    k0 = (k0 + 0x9e3779b9n) & word;
    k1 = (k1 + 0xbb67ae85n) & word;
  }
  return [c0, c1, c2, c3].map(Number);
}
