import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CountedModel, KneserNey, surprises, WittenBell } from "./ngrams.ts";

const V = 4;
const tokens = fc.array(fc.nat(V - 1), { maxLength: 60 });
const sum = (model: CountedModel, history: readonly number[]): number =>
  Array.from({ length: V }, (_, token) => model.probability(history, token)).reduce((a, b) => a + b, 0);

describe("WittenBell", () => {
  it("gives unseen tokens the weight of the different ones seen", () => {
    const model = new WittenBell([0, 1, 0, 2, 0, 1], V);
    // After 0 come 1 twice and 2 once: c = 3, d = 2. Single tokens: 3, 2 and 1 of 6, d = 3.
    const p1 = (2 + 3 * 0.25) / 9;
    expect(model.probability([0], 1)).toBeCloseTo((2 + 2 * p1) / 5, 12);
    expect(model.probability([0], 3)).toBeCloseTo((2 * ((3 * 0.25) / 9)) / 5, 12);
    expect(model.probability([3], 1)).toBeCloseTo(p1, 12); // 3 was never seen
  });
});

describe("KneserNey", () => {
  it("asks after how many different tokens a token comes, not how often", () => {
    // 1 is the most frequent token, but it follows 0 alone. 2 follows 0, 1 and 3.
    const model = new KneserNey([0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 0, 2], V, 2);
    expect(model.probability([], 2)).toBeGreaterThan(model.probability([], 1));
    expect(model.probability([0], 1)).toBeGreaterThan(model.probability([0], 2));
  });

  it("equals its formula, with every count taken anew from the text", () => {
    fc.assert(
      fc.property(
        tokens,
        tokens,
        fc.nat(V - 1),
        fc.integer({ min: 1, max: 4 }),
        (text, history, token, order) => {
          const before = history.slice(history.length - Math.min(history.length, order - 1));
          const model = new KneserNey(text, V, order);
          expect(model.probability(before, token)).toBeCloseTo(byDefinition(text, before, token, order), 10);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("refuses tokens out of the vocabulary, and rows of none", () => {
    expect(() => new KneserNey([0, 1, 4], V, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: KneserNey: token 4 at position 2 — tokens are integers from 0 to 3]`,
    );
    expect(() => new KneserNey([0, 1], V, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: KneserNey: order 0 — the number of tokens in a row is an integer ≥ 1]`,
    );
    expect(() => new WittenBell([0, 1], 1e6)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: WittenBell: vocabSize 1000000 — an integer from 1 to 65536]`,
    );
  });
});

describe("every counted model", () => {
  it("gives chances that sum to 1, after any history, seen or not", () => {
    fc.assert(
      fc.property(tokens, tokens, fc.integer({ min: 1, max: 6 }), (text, history, order) => {
        for (const model of [new WittenBell(text, V), new KneserNey(text, V, order)]) {
          expect(sum(model, history)).toBeCloseTo(1, 10);
          for (let token = 0; token < V; token++)
            expect(model.probability(history, token)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is scored token by token, each after the ones before it", () => {
    const model = new KneserNey([0, 1, 2, 0, 1, 2, 0], V, 3);
    const scores = surprises(model, Int32Array.of(0, 1, 2), 1);
    expect([...scores]).toEqual([
      -Math.log(model.probability([0], 1)),
      -Math.log(model.probability([0, 1], 2)),
    ]);
  });
});

/** p(token | history) for rows of `order`, straight from the definition. */
function byDefinition(
  text: readonly number[],
  history: readonly number[],
  token: number,
  order: number,
): number {
  // Rows of one length with their counts; of shorter ones, how many rows of one token more end in them.
  const rows = (length: number): Map<string, number> => {
    const counts = new Map<string, number>();
    if (length < order) {
      for (const row of rows(length + 1).keys()) {
        const end = row.split(",").slice(1).join(",");
        counts.set(end, (counts.get(end) ?? 0) + 1);
      }
    }
    for (let i = 0; length === order && i + length <= text.length; i++) {
      const row = text.slice(i, i + length).join(",");
      counts.set(row, (counts.get(row) ?? 0) + 1);
    }
    return counts;
  };
  const p = (before: readonly number[]): number => {
    const counts = rows(before.length + 1);
    const all = [...counts.values()];
    const n = [1, 2, 3, 4].map((count) => all.filter((other) => other === count).length);
    const y = n[0] / (n[0] + 2 * n[1]);
    const estimated = [1 - (2 * y * n[1]) / n[0], 2 - (3 * y * n[2]) / n[1], 3 - (4 * y * n[3]) / n[2]];
    const [one, two, more] = estimated.every((amount, i) => amount > 0 && amount < i + 1)
      ? estimated
      : [0.5, 1, 1.5];
    const shorter = before.length === 0 ? 1 / V : p(before.slice(1));
    const after = Array.from({ length: V }, (_, next) => counts.get([...before, next].join(",")) ?? 0);
    const total = after.reduce((sum, count) => sum + count, 0);
    if (total === 0) return shorter;
    const taken = after.map((count) => [0, one, two, more][Math.min(count, 3)]);
    const freed = taken.reduce((sum, amount) => sum + amount, 0);
    return (after[token] - taken[token] + freed * shorter) / total;
  };
  return p(history);
}
