import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { DistributedSampler, type DistributedSamplerOptions } from "./sampler.ts";

const orders = (examples: number, size: number, options: DistributedSamplerOptions = {}): number[][] =>
  Array.from({ length: size }, (_, rank) => {
    const sampler = new DistributedSampler(examples, { ...options, rank, size });
    const order = Array.from(sampler.order(new Random(1)));
    expect(order).toHaveLength(sampler.length);
    return order;
  });

describe("DistributedSampler", () => {
  it("gives each rank every size-th example", () => {
    expect(orders(6, 2)).toEqual([
      [0, 2, 4],
      [1, 3, 5],
    ]);
  });

  it("takes examples from the front a second time, leaves the rest out, or gives each exactly once", () => {
    expect(orders(5, 2)).toEqual([
      [0, 2, 4],
      [1, 3, 0],
    ]);
    expect(orders(5, 2, { rest: "drop" })).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(orders(5, 2, { rest: "none" })).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it("makes batch k of all ranks together batch k of one rank with larger batches", () => {
    const sizes = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      batch: fc.integer({ min: 1, max: 4 }),
      batches: fc.integer({ min: 1, max: 5 }),
      shuffle: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, ({ size, batch, batches, shuffle }) => {
        const examples = size * batch * batches;
        const shares = orders(examples, size, { shuffle });
        const [whole] = orders(examples, 1, { shuffle });
        for (let k = 0; k < batches; k++) {
          const together = shares.flatMap((order) => order.slice(k * batch, (k + 1) * batch));
          const one = whole.slice(k * batch * size, (k + 1) * batch * size);
          expect(together.toSorted((a, b) => a - b)).toEqual(one.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it("gives every example at least once when it pads, and exactly once when it does not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(20), fc.boolean(), (size, more, shuffle) => {
        const examples = size + more;
        const all = Array.from({ length: examples }, (_, i) => i);
        const padded = orders(examples, size, { shuffle });
        expect(new Set(padded.map(({ length }) => length)).size).toBe(1);
        expect(new Set(padded.flat())).toEqual(new Set(all));
        const once = orders(examples, size, { shuffle, rest: "none" }).flat();
        expect(once.toSorted((a, b) => a - b)).toEqual(all);
      }),
    );
  });

  it("refuses ranks that cannot be, and too few examples", () => {
    const make = (options: object, examples = 10) => new DistributedSampler(examples, options);
    expect(() => make({ rank: 2, size: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DistributedSampler: rank 2 of 2 — size is an integer ≥ 1, rank one from 0 to size − 1]`,
    );
    expect(() => make({ rank: 0, size: 2, rest: "wrap" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DistributedSampler: rest "wrap" — "pad", "drop" or "none"]`,
    );
    expect(() => make({ rank: 0, size: 2 }, 1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: DistributedSampler: 1 examples for 2 ranks — each rank needs at least one; start fewer]`,
    );
  });
});
