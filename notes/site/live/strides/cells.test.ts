import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, broadcastFault, productTerms, readers, readShape } from "./cells.ts";
import { broadcast, product, seeViews } from "./tensors.ts";
import { VIEWS, type View } from "./work.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 });

describe("addressOf", () => {
  it("finds each element of every chain of views in the memory", () => {
    const views = fc.array(fc.constantFrom(...(Object.keys(VIEWS) as View[])), { maxLength: 4 });
    let seenChains = 0;
    fc.assert(
      fc.property(views, (chain) => {
        let seen: ReturnType<typeof seeViews>;
        try {
          seen = seeViews(chain);
        } catch (error) {
          expect(String(error)).toMatch(/^(\w*Error): \w+/); // the library's own words
          return;
        }
        seenChains++;
        const last = seen[seen.length - 1];
        const base = seen[seen.map(({ view }) => view).lastIndexOf(false)];
        last.data.forEach((value, place) => void expect(base.data[addressOf(last, place)]).toBe(value));
      }),
    );
    expect(seenChains).toBeGreaterThan(20);
  });
});

describe("readers", () => {
  it("say which gradients add up, as the library undoes a broadcast", () => {
    fc.assert(
      fc.property(sizes, sizes, fc.integer({ min: 1, max: 99 }), (a, b, seed) => {
        if (broadcastFault(a, b) !== null) {
          expect(() => broadcast(a, b, seed)).toThrow(/do not broadcast/);
          return;
        }
        const { g, y, da, db } = broadcast(a, b, seed);
        for (const [shape, gradient] of [
          [a, da],
          [b, db],
        ] as const)
          gradient.data.forEach((value, place) => {
            const sum = readers(place, shape, y.shape).reduce((total, at) => total + g.data[at], 0);
            expect(sum + 0).toBe(value + 0);
          });
      }),
    );
  });
});

describe("productTerms", () => {
  it("add up to the library's gradients of a product", () => {
    for (let seed = 1; seed < 6; seed++) {
      const { a, b, g, da, db } = product(seed);
      for (const [name, gradient, left, right] of [
        ["da", da, g, b],
        ["db", db, a, g],
      ] as const)
        gradient.data.forEach((value, place) => {
          const terms = productTerms(name, place, a, b, g);
          expect(terms.reduce((sum, t) => sum + left.data[t.left] * right.data[t.right], 0)).toBeCloseTo(
            value,
            5,
          );
        });
    }
  });
});

describe("readShape", () => {
  it("takes one or two small sizes", () => {
    expect(["3, 1", "4", "2×3", "", "7", "0", "1,2,3", "1.5", "a"].map(readShape)).toEqual([
      [3, 1],
      [4],
      [2, 3],
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
