import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useBlas, useThreads } from "../../../00-runtime/index.ts";
import { manualSeed, randn } from "../../../entries/index.ts";

describe("matmul of a few rows", () => {
  const rows = fc.integer({ min: 1, max: 5 });
  const length = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 64, max: 1100 }));

  it("gives each row the bits that it has alone, so that a batch of one decodes the same text", () => {
    useBlas("off");
    useThreads(1);
    fc.assert(
      fc.property(
        rows,
        length.filter((n) => n >= 64),
        length,
        fc.boolean(),
        (m, n, k, transposed) => {
          manualSeed(m + n + k);
          const x = randn([m, k]);
          const w = transposed ? randn([n, k]).t() : randn([k, n]);
          const together = x.matmul(w);
          for (let i = 0; i < m; i++)
            expect(together.select(0, i).toArray()).toEqual(
              x.narrow(0, i, 1).matmul(w).select(0, 0).toArray(),
            );
        },
      ),
      { numRuns: 12 },
    );
  });
});
