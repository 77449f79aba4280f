import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { scope } from "tensorgrad";
import { measureSparsity } from "tensorgrad/compression";
import { describe, expect, it } from "vitest";
import { networkOf } from "../digits/network.ts";
import { bytesOf, compressed, frontOf } from "./compress.ts";
import { readSettings, writeSettings } from "./settings.ts";
import { BITS, type Bits, type Point } from "./work.ts";

const network = () => networkOf(readFileSync(join(import.meta.dirname, "../digits/cnn.safetensors")));

describe("a network made smaller", () => {
  it("has as many zeros as asked for, and its whole weights stay as they were", () => {
    using _ = scope();
    const whole = network();
    const before = whole.parameters().map((p) => [...p.data]);
    const { parameters } = measureSparsity(compressed(whole, { bits: "32", sparsity: 70 }));
    const weights = Object.entries(parameters).filter(([, { shape }]) => shape.length > 1);
    const [zeros, size] = (["zeros", "size"] as const).map((of) =>
      weights.reduce((sum, [, one]) => sum + one[of], 0),
    );
    expect(zeros).toBe(Math.round(0.7 * size));
    expect(whole.parameters().map((p) => [...p.data])).toEqual(before);
  });

  it("has at most 15 different weights for each output in 4 bits, none of them off by more than half a step", () => {
    using _ = scope();
    const [whole, small] = [network(), compressed(network(), { bits: "4", sparsity: 0 })];
    for (const [i, w] of small.parameters().entries()) {
      if (w.rank === 1) continue;
      const [rows, exact] = [w.reshape(w.shape[0], -1), whole.parameters()[i].reshape(w.shape[0], -1)];
      for (let row = 0; row < w.shape[0]; row++) {
        const [some, all] = [[...rows.select(0, row).data], [...exact.select(0, row).data]];
        const step = Math.max(...all.map(Math.abs)) / 7;
        expect(new Set(some.map(Math.abs)).size).toBeLessThanOrEqual(8);
        expect(Math.max(...some.map((x, k) => Math.abs(x - all[k])))).toBeLessThanOrEqual(0.501 * step);
      }
    }
  });

  it("takes the bytes that one counts by hand", () => {
    using _ = scope();
    const [weights, outputs] = [8 * 25 + 16 * 72 + 784 * 10, 8 + 16 + 10];
    const of = (bits: Bits) => bytesOf(compressed(network(), { bits, sparsity: 0 }), bits);
    expect(of("32")).toBe(4 * (weights + outputs));
    expect(of("16")).toBe(2 * (weights + outputs));
    expect(of("8")).toBe(weights + 8 * outputs);
    expect(of("4")).toBeLessThanOrEqual(weights / 2 + 8 * outputs);
  });
});

describe("the front", () => {
  it("holds a point exactly if no other is as good in both and better in one", () => {
    const point = fc.record({
      ...{ bits: fc.constant("8" as Bits), sparsity: fc.constant(0) },
      ...{ accuracy: fc.integer({ max: 9 }), bytes: fc.nat(9), ms: fc.nat(9) },
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 9 }), (points: Point[]) => {
        const beats = (a: Point, b: Point) =>
          a.accuracy >= b.accuracy && a.bytes <= b.bytes && (a.accuracy > b.accuracy || a.bytes < b.bytes);
        const due = points.flatMap((one, i) => (points.some((other) => beats(other, one)) ? [] : [i]));
        expect(frontOf(points, "bytes")).toEqual(due);
      }),
    );
  });
});

describe("settings in an address", () => {
  it("come back in their order; what is none is left out", () => {
    const setting = fc.record({
      bits: fc.constantFrom(...(Object.keys(BITS) as Bits[])),
      sparsity: fc.integer({ min: 0, max: 98 }),
    });
    const list = fc.uniqueArray(setting, {
      maxLength: 40,
      selector: ({ bits, sparsity }) => `${bits} ${sparsity}`,
    });
    fc.assert(
      fc.property(list, (settings) => {
        expect(readSettings(writeSettings([...settings].reverse()))).toEqual(settings);
      }),
    );
    expect(readSettings("8-50,8-50,7-0,8-99,,x,4-,toString-0")).toEqual([{ bits: "8", sparsity: 50 }]);
  });
});
