import fc from "fast-check";
import { fromArray } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { magnitudePrune } from "./magnitude-prune.ts";
import { measureSparsity } from "./measure-sparsity.ts";
import { fromSparse, sparseBytes, toSparse } from "./sparse.ts";

describe("toSparse", () => {
  it("keeps every number, NaN and ∞ included, in as many bytes as sparseBytes says", () => {
    const number = fc.oneof(fc.constant(0), fc.float());
    fc.assert(
      fc.property(fc.array(number, { maxLength: 70 }), (values) => {
        const given = values.map((x) => x || (Number.isNaN(x) ? x : 0)); // −0 becomes 0
        const t = fromArray(Float32Array.from(given), [given.length]);
        const packed = toSparse(t);
        expect(fromSparse(packed).toArray()).toEqual(t.toArray());
        const bytes = packed.bitmap.byteLength + packed.values.byteLength;
        expect(bytes).toBe(sparseBytes(given.length, given.filter((x) => x !== 0).length));
      }),
    );
  });
});

describe("measureSparsity", () => {
  it("counts zeros, and what the others take", () => {
    const layer = new Linear(100, 10);
    magnitudePrune(layer, { sparsity: 0.9 });
    const { size, zeros, sparsity, bytes, parameters } = measureSparsity(layer);
    expect({ size, zeros, sparsity }).toEqual({ size: 1010, zeros: 900, sparsity: 900 / 1010 });
    expect(bytes).toEqual({ dense: 4040, sparse: 100 * 4 + 125 + 40 });
    expect(parameters.weight).toEqual({ shape: [10, 100], size: 1000, zeros: 900, sparsity: 0.9 });
  });
});
