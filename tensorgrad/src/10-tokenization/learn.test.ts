import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spelled, toBytes } from "./bytes.ts";
import { learn } from "./learn.ts";

/** The same by counting all pairs anew before every merge. */
function counted(words: ReadonlyMap<string, number>, merges: number): string[] {
  let rows = Array.from(words, ([word, count]) => ({
    count,
    tokens: Array.from(toBytes(word), (byte) => [byte]),
  }));
  const order: string[] = Array.from({ length: 256 }, (_, byte) => String(byte)); // tokens by id
  const made: string[] = [];
  for (let merge = 0; merge < merges; merge++) {
    const counts = new Map<string, number>();
    for (const { tokens, count } of rows) {
      for (let i = 0; i + 1 < tokens.length; i++) {
        const pair = `${tokens[i]}|${tokens[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const rank = (pair: string): number[] => pair.split("|").map((token) => order.indexOf(token));
    const [best] = [...counts].sort(
      ([a, m], [b, n]) => n - m || rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1],
    );
    if (!best || best[1] < 2) break;
    const [left, right] = best[0].split("|");
    const both = `${left},${right}`;
    if (!order.includes(both)) order.push(both);
    made.push(best[0]);
    rows = rows.map(({ tokens, count }) => {
      const next: number[][] = [];
      for (let i = 0; i < tokens.length; i++) {
        const fits = i + 1 < tokens.length && String(tokens[i]) === left && String(tokens[i + 1]) === right;
        next.push(fits ? [...tokens[i], ...tokens[++i]] : tokens[i]);
      }
      return { count, tokens: next };
    });
  }
  return made;
}

const learned = (words: ReadonlyMap<string, number>, merges: number): string[] => {
  const { pieces, merges: list } = learn(words, 256 + merges, 2);
  return list.map(({ left, right }) => `${pieces[left]}|${pieces[right]}`);
};

describe("learn", () => {
  it("merges the most frequent pair, of equals the one with the lowest ids", () => {
    const words = new Map([
      ["low", 5],
      ["lower", 2],
      ["newest", 6],
      ["widest", 3],
    ]);
    const { pieces, merges } = learn(words, 262, 2);
    // e·s and s·t occur 9 times each: the pair with e goes first. So does n·ew before ew·est.
    expect(merges.map(({ made }) => spelled(pieces[made]))).toEqual(["es", "est", "lo", "low", "ew", "new"]);
  });

  it("equals counting everything anew, on any words", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 14 });
    const words = fc.array(fc.tuple(word, fc.integer({ min: 1, max: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (rows, merges) => {
        expect(learned(new Map(rows), merges)).toEqual(counted(new Map(rows), merges));
        const { pieces } = learn(new Map(rows), 256 + merges, 2);
        expect(new Set(pieces.map(spelled)).size).toBe(pieces.length);
      }),
      { numRuns: 300 },
    );
  });

  it("learns from a word of a hundred thousand letters", () => {
    const { pieces } = learn(new Map([["ab".repeat(50_000), 1]]), 266, 2);
    expect(pieces.slice(256).map((piece) => piece.length)).toEqual([
      2, 4, 8, 16, 32, 64, 128, 256, 512, 1024,
    ]);
  });
});
