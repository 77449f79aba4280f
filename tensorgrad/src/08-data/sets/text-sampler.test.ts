import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { TextDataset } from "./text.ts";
import { ChunkSampler } from "./text-sampler.ts";

describe("ChunkSampler", () => {
  it("gives windows that neither overlap nor reach beyond the text, nearly all of it", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 2, max: 400 }),
        fc.integer({ min: 1, max: 20 }),
        (seed, tokens, T) => {
          fc.pre(tokens > T);
          const windows = new TextDataset(new Int32Array(tokens), T);
          const sampler = new ChunkSampler(windows);
          const starts = sampler.order(new Random(seed)).toSorted();
          expect(starts.length).toBe(sampler.length);
          starts.forEach((start, i) => {
            expect(start).toBe(starts[0] + i * T);
          });
          expect(starts[0]).toBeGreaterThanOrEqual(0);
          expect(starts[starts.length - 1]).toBeLessThan(windows.length);
          expect(tokens - starts.length * T).toBeLessThan(2 * T);
        },
      ),
    );
  });

  it("draws another offset and order for every pass, the same for the same seed", () => {
    const sampler = new ChunkSampler(new TextDataset(new Int32Array(1000), 10));
    const passes = (random: Random) => Array.from({ length: 200 }, () => [...sampler.order(random)]);
    const offsets = passes(new Random(1)).map((starts) => Math.min(...starts));
    expect(new Set(offsets)).toEqual(new Set(Array(10).keys()));
    expect(passes(new Random(2))).toEqual(passes(new Random(2)));
    expect(
      new Set(passes(new Random(2)).map((starts) => starts.indexOf(Math.min(...starts)))).size,
    ).toBeGreaterThan(20);
  });

  it("refuses windows with a stride", () => {
    const windows = new TextDataset([1, 2, 3, 4], 2, { stride: 2 });
    expect(() => new ChunkSampler(windows)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ChunkSampler: windows with stride 2 — it needs every window there is; leave the stride out]`,
    );
  });
});
