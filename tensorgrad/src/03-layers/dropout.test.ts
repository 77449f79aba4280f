import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { manualSeed, Random, type RandomState } from "../00-runtime/index.ts";
import { ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { Dropout, dropoutMask } from "./index.ts";

const probability = fc.integer({ min: 1, max: 15 }).map((n) => n / 16);

describe("Dropout", () => {
  it("silences some elements and scales the rest by 1/(1 − p)", () => {
    const y = new Dropout(0.75, { random: new Random(3) }).forward(ones([1000]));
    expect(new Set(y.data)).toEqual(new Set([0, 4]));
  });

  it("silences a share of p, and keeps the expected value", () => {
    const n = 20_000;
    fc.assert(
      fc.property(probability, fc.nat(1000), (p, seed) => {
        const y = new Dropout(p, { random: new Random(seed) }).forward(ones([n]));
        const deviation = Math.sqrt((p * (1 - p)) / n);
        expect(Math.abs(y.eq(0).sum().item() / n - p)).toBeLessThan(5 * deviation);
        expect(Math.abs(y.mean().item() - 1)).toBeLessThan((5 * deviation) / (1 - p));
      }),
      { numRuns: 20 },
    );
  });

  it("does nothing in eval mode, or with p = 0, and draws nothing then", () => {
    const random = new Random(1);
    const before = random.state;
    const x = ones([5]);
    expect(new Dropout(0.9, { random }).eval().forward(x)).toBe(x);
    expect(new Dropout(0, { random }).forward(x)).toBe(x);
    expect(random.state).toEqual(before);
  });

  it("draws the same mask from the same seed, and the next one from the next numbers", () => {
    const x = ones([64]);
    const draws = (seed: number) => {
      manualSeed(seed);
      const layer = new Dropout();
      return [layer.forward(x).toArray(), layer.forward(x).toArray()];
    };
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1)[0]).not.toEqual(draws(1)[1]);
    expect(draws(1)).not.toEqual(draws(2));
  });

  it("draws a mask again from a saved state of its generator", () => {
    const random = new Random(5);
    random.bits();
    const saved = random.state;
    const layer = new Dropout(0.5, { random });
    const first = layer.forward(ones([33])).toArray();
    random.state = saved;
    expect(layer.forward(ones([33])).toArray()).toEqual(first);
  });

  it("passes gradients through the mask of the forward pass, to any order", () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true, dtype: "float64" });
    const y = new Dropout(0.5, { random: new Random(2) }).forward(x);
    const mask = y.detach().div(x.detach());
    expect(new Set(mask.data)).toEqual(new Set([0, 2]));
    const [g] = grad(y.square().sum(), [x], { createGraph: true }); // Σ (m·x)²: 2·m²·x, then 2·m²
    expect(g.toArray()).toEqual(mask.square().mul(x).mul(2).toArray());
    g.sum().backward();
    expect(x.grad?.toArray()).toEqual(mask.square().mul(2).toArray());
  });

  it("takes integers, as floats", () => {
    const y = new Dropout(0.2, { random: new Random(1) }).forward(ones([100], { dtype: "int32" }));
    expect(new Set(y.data)).toEqual(new Set([0, 1.25]));
  });

  it("prints its p, and refuses one that is no probability below 1", () => {
    expect(String(new Dropout(0.1))).toBe("Dropout(p: 0.1)");
    expect(() => new Dropout(1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Dropout: p = 1 — a probability from 0 to below 1]`,
    );
    expect(() => new Dropout(-0.1)).toThrow("p = -0.1");
    expect(() => new Dropout(NaN)).toThrow("p = NaN");
  });
});

describe("dropoutMask", () => {
  /** The generator's own numbers, one per element: what the kernel has to reproduce. */
  const expected = (p: number, n: number, state: RandomState, scale: (x: number) => number) => {
    const random = new Random(0);
    random.state = { ...state, position: Math.ceil(state.position / 4) * 4 };
    return Array.from({ length: n }, () => (random.bits() < p * 2 ** 32 ? 0 : scale(1 / (1 - p))));
  };

  it("is element by element the generator's next numbers, compared with p", () => {
    const start = fc.oneof(
      fc.nat(100),
      fc.integer({ min: 0, max: 40 }).map((n) => 2 ** 34 - n),
    ); // also across 2^32 blocks
    fc.assert(
      fc.property(probability, fc.nat(40), fc.nat({ max: 2 ** 40 }), start, (p, n, seed, position) => {
        for (const [dtype, scale] of [
          ["float32", Math.fround],
          ["float64", (x: number) => x],
        ] as const) {
          const random = new Random(0);
          random.state = { seed, position };
          const mask = dropoutMask(zeros([n], { dtype }), p, random);
          expect([...mask.data]).toEqual(expected(p, n, { seed, position }, scale));
          // What comes next does not overlap with the mask.
          expect(random.state.position).toBeGreaterThanOrEqual(position + n);
        }
      }),
    );
  });

  it("has the shape of its input, whatever its strides", () => {
    const mask = (x: Tensor) => dropoutMask(x, 0.5, new Random(9));
    expect(mask(zeros([3, 2]).t()).toArray()).toEqual(mask(zeros([2, 3])).toArray());
    expect(mask(zeros([])).shape).toEqual([]);
    expect(mask(zeros([0, 3])).shape).toEqual([0, 3]);
  });
});
